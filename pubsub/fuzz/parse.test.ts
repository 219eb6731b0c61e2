import { describe, expect, it } from 'bun:test'
import { parseFilter } from '../src/filter/filter.ts'
import { json } from '../src/subprotocols/json.ts'
import { createProtobuf } from '../src/subprotocols/protobuf.ts'
import { simple } from '../src/subprotocols/simple.ts'
import type { Parsed, Subprotocol } from '../src/subprotocols/subprotocol.ts'
import { corpus } from './corpus.ts'
import { mutateFilter } from './inputs.ts'
import { mutate, mutateJson } from './mutate.ts'
import { createRandom, type Random } from './random.ts'

const { protobuf } = createProtobuf()
const seed = 20_241_201
const rounds = 100_000
const closeCodes = new Set([1003, 1007, 1009])

/** A frame that was understood, or a reason to close: nothing else, and no exception. */
function check(parsed: Parsed, input: string | Uint8Array): void {
  const isSound = parsed.ok ? typeof parsed.frame.type === 'string' : closeCodes.has(parsed.close.code)
  if (!isSound)
    throw new Error(`${JSON.stringify(parsed)} for ${JSON.stringify(Buffer.from(input).toString('latin1'))}`)
}

type Make = (random: Random) => string | Uint8Array

const subjects: Record<string, { subprotocol: Subprotocol; make: Make }> = {
  'JSON of other shapes': {
    subprotocol: json,
    make: (random) => mutateJson(random, random.pick(corpus.json).toString(), random.pick(corpus.json).toString()),
  },
  'JSON with other characters': {
    subprotocol: json,
    make: (random) => mutate(random, random.pick(corpus.json), random.pick(corpus.json)).toString(),
  },
  'JSON in binary': {
    subprotocol: json,
    make: (random) => mutate(random, random.pick(corpus.json), random.pick(corpus.protobuf)),
  },
  protobuf: {
    subprotocol: protobuf,
    make: (random) => mutate(random, random.pick(corpus.protobuf), random.pick(corpus.protobuf)),
  },
  'whatever a simple client says': {
    subprotocol: simple,
    make: (random) => mutate(random, random.pick(corpus.simple), random.pick(corpus.json)).toString(),
  },
}

describe('parse', () => {
  for (const [name, { subprotocol, make }] of Object.entries(subjects)) {
    it(`takes or refuses ${rounds} mutations of ${name}`, () => {
      const random = createRandom(seed)
      const seen = { taken: 0, refused: 0 }
      for (let round = 0; round < rounds; round++) {
        const input = make(random)
        const parsed = subprotocol.parse(input)
        check(parsed, input)
        seen[parsed.ok ? 'taken' : 'refused']++
      }
      // a fuzz that never gets in, or never gets out, would prove nothing
      expect(seen.taken).toBeGreaterThan(rounds / 100)
      if (subprotocol !== simple) expect(seen.refused).toBeGreaterThan(rounds / 100)
    }, 120_000)
  }

  it('reads each frame of the corpus', () => {
    for (const frame of corpus.json) expect(json.parse(frame.toString())).toMatchObject({ ok: true })
    for (const frame of corpus.protobuf) expect(protobuf.parse(frame)).toMatchObject({ ok: true })
  })
})

describe('parseFilter', () => {
  const clients = [
    { userId: undefined, connectionId: 'a', groups: new Set<string>(), protocol: undefined },
    { userId: 'user1', connectionId: 'aBc', groups: new Set(['g1', 'g2']), protocol: 'json.webpubsub.azure.v1' },
    { userId: 'x'.repeat(1_000), connectionId: '', groups: new Set(['']), protocol: '' },
  ]

  it(`takes or refuses ${rounds} mutations, and what it takes answers for each client`, () => {
    const random = createRandom(seed)
    let taken = 0
    for (let round = 0; round < rounds; round++) {
      const filter = parseFilter(mutateFilter(random))
      if (!filter.ok) {
        expect(filter.message).toStartWith("Invalid syntax for '")
        continue
      }
      taken++
      for (const client of clients) expect(typeof filter.matches(client)).toBe('boolean')
    }
    expect(taken).toBeGreaterThan(rounds / 100)
    expect(taken).toBeLessThan(rounds)
  }, 120_000)

  it('answers deep and long filters without falling over', () => {
    const shapes = [
      (times: number) => `${'('.repeat(times)}userId eq null${')'.repeat(times)}`,
      (times: number) => `${'not '.repeat(times)}(userId eq null)`,
      (times: number) => Array<string>(times).fill('userId eq null').join(' and '),
      (times: number) => Array<string>(times).fill('userId eq null').join(' or '),
      (times: number) => `${'tolower('.repeat(times)}userId${')'.repeat(times)} eq 'a'`,
      (times: number) => `userId eq '${"''".repeat(times)}'`,
      (times: number) => `userId in (${Array<string>(times).fill("'a'").join(',')})`,
      (times: number) => '('.repeat(times),
      (times: number) => "'".repeat(times),
    ]
    for (const shape of shapes) {
      for (const times of [1, 50, 99, 100, 101, 1_000, 100_000]) {
        const filter = parseFilter(shape(times))
        const answers = filter.ok ? clients.map((client) => typeof filter.matches(client)) : []
        expect(answers.every((answer) => answer === 'boolean')).toBe(true)
      }
    }
  })
})
