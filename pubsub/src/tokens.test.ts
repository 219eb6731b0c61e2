import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { base64url, compactVerify, SignJWT, UnsecuredJWT } from 'jose'
import { openKeyRing, signHs256, verifyHs256 } from './hs256.ts'
import { testKeys } from './testing/service.ts'
import { createTokens } from './tokens.ts'

const issuedAt = 1_767_225_600
/** Appendix B of the wire reference. */
const vector =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjpbIndlYnB1YnN1Yi5qb2luTGVhdmVHcm91cCIsIndlYnB1YnN1Yi5zZW5kVG9Hcm91cCJdLCJ3ZWJwdWJzdWIuZ3JvdXAiOlsibG9iYnkiXSwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjkyMDAsImF1ZCI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODA4MC9jbGllbnQvaHVicy9jaGF0Iiwic3ViIjoiYWxpY2UifQ.a_AsVeIcPOIFrHkSFHeZRREgY4Q6E0ZgtWYuML2MkAU'

const tokensAt = (second: number, acceptedHosts: string[] = []) =>
  createTokens({
    endpoint: new URL('http://localhost:8080'),
    keys: testKeys,
    acceptedHosts,
    clock: () => second * 1_000,
  })
const tokens = tokensAt(issuedAt)

const sign = (claims: Record<string, unknown>, { key, alg = 'HS256' }: { key?: string; alg?: string } = {}) =>
  new SignJWT({ aud: 'http://localhost:8080/client/hubs/chat', exp: issuedAt + 60, ...claims })
    .setProtectedHeader({ alg, typ: 'JWT' })
    .sign(new TextEncoder().encode(key ?? testKeys[0]))
const chat = { hub: 'chat', host: 'asked.example:9000' }
const isAccepted = async (claims: Record<string, unknown>, target: Partial<typeof chat> = {}) =>
  tokens.verify(await sign(claims), { ...chat, ...target }) !== undefined

describe('a client token', () => {
  it('is read as in the published vector', async () => {
    expect(tokens.verify(vector, chat)).toMatchObject({
      userId: 'alice',
      roles: ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup'],
      groups: ['lobby'],
      all: { sub: ['alice'], exp: ['1767229200'], 'webpubsub.group': ['lobby'] },
    })
  })

  it('is signed as in the published vector', async () => {
    const roles = ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup']
    expect(tokens.sign({ hub: 'chat', userId: 'alice', roles, groups: ['lobby'], lifeMinutes: 60 })).toBe(vector)
  })

  it.each([
    ['https://localhost:8080/client/hubs/chat', true],
    ['wss://localhost:8080/client/hubs/chat', true],
    ['http://localhost:8080/client/hubs/chat', true],
    ['ws://LOCALHOST:8080/client/hubs/Chat', true],
    ['http://localhost:8080/client/?hub=chat', true],
    ['https://localhost:8080client/hubs/chat', false],
    ['https://localhostclient/hubs/chat', false],
    ['https://localhost:8080/client/hubs/otherhub', false],
    ['https://other-host:8080/client/hubs/chat', false],
    ['https://localhost/client/hubs/chat', false],
    ['https://localhost:8081/client/hubs/chat', false],
    ['https://localhost:8080/client/hubs/chat/', false],
    ['https://localhost:8080/Client/hubs/chat', false],
    ['https://localhost:8080/api/hubs/chat', false],
    ['ftp://localhost:8080/client/hubs/chat', false],
    ['chat', false],
  ])('with the audience %s is accepted: %p', async (aud, expected) => {
    expect(await isAccepted({ aud })).toBe(expected)
    expect(await isAccepted({ aud: ['nobody', aud] })).toBe(expected)
  })

  it('may name another host that was configured', async () => {
    const token = await sign({ aud: 'https://chat.example/client/hubs/chat' })
    expect(tokens.verify(token, chat)).toBeUndefined()
    expect(tokensAt(issuedAt, ['Chat.Example']).verify(token, chat)).toBeDefined()
  })

  it('may name the host that was asked, with any scheme and the port that belongs to it', async () => {
    for (const [named, asked, expected] of [
      ['http://asked.example:9000', 'asked.example:9000', true],
      ['wss://ASKED.example:9000', 'asked.example:9000', true],
      ['https://asked.example:443', 'asked.example', true],
      ['https://asked.example', 'asked.example:443', true],
      ['http://asked.example', 'asked.example:80', true],
      ['http://[::1]', '[::1]:80', true],
      ['http://asked.example', 'asked.example:9000', false],
      ['http://asked.example:9001', 'asked.example:9000', false],
      ['http://asked.example:9000', 'asked.example', false],
      ['http://asked.example:8080', 'asked.example:80', false],
      ['http://other.example:9000', 'asked.example:9000', false],
    ] as const) {
      const aud = `${named}/client/hubs/chat`
      expect([named, asked, await isAccepted({ aud }, { host: asked })]).toEqual([named, asked, expected])
    }
  })

  it('may leave out the port where a configured host has the one that belongs to the scheme', async () => {
    const onDefaults = tokensAt(issuedAt, ['localhost:80', 'chat.example:443', 'other.example:81'])
    const accepts = async (origin: string) =>
      onDefaults.verify(await sign({ aud: `${origin}/client/hubs/chat` }), chat) !== undefined
    for (const origin of ['http://localhost', 'http://localhost:80', 'https://chat.example', 'wss://chat.example:443'])
      expect([origin, await accepts(origin)]).toEqual([origin, true])
    expect([await accepts('http://other.example'), await accepts('http://localhost:81')]).toEqual([false, false])
    const target = { host: 'asked.example:9000', path: '/api/hubs/chat/:send' }
    const rest = await sign({ aud: 'http://localhost/api/hubs/chat/:send' })
    expect(onDefaults.verifyRest(rest, target)).toEqual({ origin: 'http://localhost' })
  })

  it('is compared with the hub without case, and percent-decoded', async () => {
    expect(await isAccepted({ aud: 'http://localhost:8080/client/hubs/CHAT' })).toBe(true)
    expect(await isAccepted({ aud: 'http://localhost:8080/client/hubs/a%5Bb%5D' }, { hub: 'a[b]' })).toBe(true)
    expect(await isAccepted({ aud: 'http://localhost:8080/client/hubs/%E0%A4%A' })).toBe(false)
  })

  it('verifies with either key and no other', async () => {
    expect(tokens.verify(await sign({}, { key: testKeys[1] }), chat)).toBeDefined()
    expect(tokens.verify(await sign({}, { key: 'x'.repeat(40) }), chat)).toBeUndefined()
  })

  it('needs HS256', async () => {
    const claims = { aud: 'http://localhost:8080/client/hubs/chat', exp: issuedAt + 60 }
    expect(tokens.verify(new UnsecuredJWT(claims).encode(), chat)).toBeUndefined()
    const long = 'k'.repeat(64)
    const strict = createTokens({
      endpoint: new URL('http://localhost:8080'),
      keys: [long],
      acceptedHosts: [],
      clock: () => issuedAt * 1_000,
    })
    expect(strict.verify(await sign({}, { key: long, alg: 'HS512' }), chat)).toBeUndefined()
    expect(strict.verify(await sign({}, { key: long }), chat)).toBeDefined()
  })

  it('asks for nothing that we do not know', async () => {
    const claims = { aud: 'http://localhost:8080/client/hubs/chat', exp: issuedAt + 60 }
    const ring = openKeyRing(testKeys)
    expect(tokens.verify(signHs256(ring, claims, { kid: 'any' }), chat)).toBeDefined()
    expect(tokens.verify(signHs256(ring, claims, { crit: ['exp'] }), chat)).toBeUndefined()
    expect(tokens.verify(signHs256(ring, claims, { alg: 'HS512' }), chat)).toBeUndefined()
    expect(tokens.verify(signHs256(ring, [claims]), chat)).toBeUndefined()
  })

  it('is verified and signed with the keys that were set last', async () => {
    const changing = tokensAt(issuedAt)
    const grant = { hub: 'chat', lifeMinutes: 1 }
    const [old, minted] = [changing.sign(grant), changing.mint(grant)]
    expect([changing.verify(old, chat), changing.verify(minted, chat)]).not.toContain(undefined)
    changing.setKeys(['another-key-0123456789abcdefghijklmnopq'])
    expect([changing.verify(old, chat), changing.verify(minted, chat)]).toEqual([undefined, undefined])
    expect(changing.verify(changing.sign(grant), chat)).toBeDefined()
    expect(tokens.verify(changing.sign(grant), chat)).toBeUndefined()
    expect(() => changing.setKeys([''])).toThrow('a key is empty')
    expect(changing.verify(changing.sign(grant), chat)).toBeDefined()
  })

  it('of any claims is read back by every library', async () => {
    const claims = fc.dictionary(fc.string(), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(claims, fc.string({ minLength: 1 }), async (said, key) => {
        const { exp: _, nbf: __, ...rest } = said
        const token = signHs256(openKeyRing([key]), rest)
        const { payload } = await compactVerify(token, new TextEncoder().encode(key))
        expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(JSON.parse(JSON.stringify(rest)))
        expect(verifyHs256(openKeyRing(['other', key]), token)).toEqual(JSON.parse(JSON.stringify(rest)))
        expect(verifyHs256(openKeyRing([`${key}x`]), token)).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it('lives until five minutes after its end, and begins five minutes early', async () => {
    const token = await sign({ exp: issuedAt, nbf: issuedAt })
    expect(tokensAt(issuedAt + 299).verify(token, chat)).toBeDefined()
    expect(tokensAt(issuedAt + 301).verify(token, chat)).toBeUndefined()
    expect(tokensAt(issuedAt - 299).verify(token, chat)).toBeDefined()
    expect(tokensAt(issuedAt - 301).verify(token, chat)).toBeUndefined()
  })

  it('needs an end, and claims of the right type', async () => {
    expect(await isAccepted({ exp: undefined })).toBe(false)
    expect(await isAccepted({ aud: undefined })).toBe(false)
    expect(await isAccepted({ sub: 5 })).toBe(false)
    expect(await isAccepted({ role: [1] })).toBe(false)
    expect(await isAccepted({ role: 'webpubsub.sendToGroup', 'webpubsub.group': 'lobby' })).toBe(true)
  })

  it('is refused when it is no token or was changed', async () => {
    const [head = '', body = '', signature = ''] = vector.split('.')
    const forged = base64url.encode(
      JSON.stringify({ ...JSON.parse(Buffer.from(base64url.decode(body)).toString()), sub: 'eve' }),
    )
    for (const bad of ['', 'x', 'a.b.c', `${head}.${body}.`, `${head}.${forged}.${signature}`]) {
      expect(tokens.verify(bad, chat)).toBeUndefined()
    }
  })
})
