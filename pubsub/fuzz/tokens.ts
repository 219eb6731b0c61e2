import { createHmac } from 'node:crypto'
import { mutate, mutateJson } from './mutate.ts'
import type { Random } from './random.ts'

/** What the service under fuzz signs with. */
export const fuzzKey = 'fuzz-key-of-no-value-0123456789'

/** A JWT as an honest client has it. */
export const sign = (claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string =>
  signTexts(JSON.stringify(header), JSON.stringify(claims))

function signTexts(header: string, claims: string, algorithm = 'sha256'): string {
  const body = `${base64url(header)}.${base64url(claims)}`
  return `${body}.${createHmac(algorithm, fuzzKey).update(body).digest('base64url')}`
}

const base64url = (text: string) => Buffer.from(text).toString('base64url')

/** The end of the year 2099: a date of today would make every run another one. */
export const farAway = 4_102_444_799

type TokenMutator = (random: Random, claims: object) => string

const headers = [
  '{"alg":"none"}',
  '{"alg":"none","typ":"JWT"}',
  '{"alg":"HS512"}',
  '{"alg":"RS256"}',
  '{"alg":"hs256"}',
  '{"alg":null}',
  '{}',
  '[]',
  'null',
  '{"alg":"HS256","crit":["x"]}',
  '{"alg":"HS256","kid":"../../etc"}',
  '{"alg":["HS256"]}',
  '',
]
const nastyClaims = [
  { exp: 'soon' },
  { exp: -1 },
  { exp: 1e308 },
  { exp: null },
  { nbf: 1e308 },
  { nbf: 'x' },
  { iat: {} },
  { aud: [] },
  { aud: null },
  { aud: 'not a url' },
  { aud: ['http://', 'x'] },
  { sub: 1 },
  { sub: '' },
  { sub: 'x'.repeat(5_000) },
  { role: {} },
  { role: [1] },
  { role: ['webpubsub.sendToGroups.**********'] },
  { role: ['webpubsub.joinLeaveGroups.a\\'] },
  { role: 'webpubsub.sendToGroup.' },
  { role: Array.from({ length: 300 }, (_, at) => `webpubsub.sendToGroup.${at}`) },
  { 'webpubsub.group': ['', ' '] },
  { 'webpubsub.group': 'g1' },
  { 'webpubsub.group': [null] },
  { 'webpubsub.group': ['x'.repeat(1_025)] },
  { __proto__: { a: 1 } },
  JSON.parse('{"__proto__":{"exp":9999999999}}') as object,
  { constructor: 1, toString: 2 },
]

const mutators: readonly TokenMutator[] = [
  (random, claims) => signTexts(random.pick(headers), JSON.stringify(claims)),
  (random, claims) => signTexts('{"alg":"HS512"}', JSON.stringify(claims), random.pick(['sha512', 'sha384', 'sha1'])),
  (random, claims) => sign({ ...claims, ...random.pick(nastyClaims) }),
  (random, claims) => signTexts('{"alg":"HS256"}', mutateJson(random, JSON.stringify(claims), '{"a":[1]}')),
  (random, claims) => signTexts('{"alg":"HS256"}', mutateText(random, JSON.stringify(claims))),
  (random, claims) => mutateText(random, sign(claims)),
  (random, claims) => shuffled(random, sign(claims).split('.')).join('.'),
  (random, claims) =>
    sign(claims)
      .split('.')
      .toSpliced(random.below(4), random.below(3), random.pick(['', 'e30', 'bnVsbA']))
      .join('.'),
]

/** A token that is wrong somewhere, or is not: always the same for the same random. */
export const mutateToken = (random: Random, claims: object): string => random.pick(mutators)(random, claims)

const mutateText = (random: Random, text: string) =>
  mutate(random, Buffer.from(text), Buffer.from(text))
    .toString('latin1')
    .replaceAll(/[\r\n\0]/g, '')

function shuffled(random: Random, items: string[]): string[] {
  return items.toSorted(() => random.below(3) - 1)
}
