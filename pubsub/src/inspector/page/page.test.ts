import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { formatAge, formatBytes, formatMilliseconds, plural } from './format.ts'
import { dump, pretty, summarise, tokenise } from './frame-text.ts'
import { formatFeedQuery, formatRoute, overview, parseRoute } from './route.ts'

describe('the address', () => {
  it('says all that the page shows', () => {
    const search = fc.string({ maxLength: 20 })
    const name = fc.string({ minLength: 1, maxLength: 20 })
    const tab = fc.constantFrom('connections' as const, 'groups' as const, 'upstream' as const, 'try' as const)
    const sort = fc.constantFrom('newest' as const, 'unread' as const)
    const route = fc.record({ hub: name, tab, search, sort, page: fc.nat(), connection: name, group: name })
    fc.assert(fc.property(route, (route) => expect(parseRoute(formatRoute(route))).toEqual(route)))
  })

  it.each(['', '#', '#/', '#main', 'nonsense'])('leads to all hubs for %p', (hash) => {
    expect(parseRoute(hash)).toEqual(overview)
    expect(formatFeedQuery(overview)).toBe('')
  })

  it('survives what cannot be decoded', () => {
    expect(parseRoute('#/%E0%A4%A/nowhere?page=-3')).toMatchObject({ hub: '%E0%A4%A', tab: 'connections', page: 0 })
  })
})

describe('a frame in one line', () => {
  const lineOf = (frame: object) => {
    const { title, about, preview } = summarise({ text: JSON.stringify(frame), bytes: 1 })
    return `${title}|${about}|${preview}`
  }

  it.each([
    [{ type: 'joinGroup', group: 'lobby', ackId: 1 }, 'joinGroup|lobby|'],
    [{ type: 'sendToGroup', group: 'lobby', data: { a: 1 } }, 'sendToGroup|lobby|{"a":1}'],
    [{ type: 'event', event: 'say', data: 'hi' }, 'event|say|hi'],
    [{ type: 'ack', ackId: 7, success: true }, 'ack|7 done|'],
    [{ type: 'ack', ackId: 7, success: false, error: { name: 'Forbidden' } }, 'ack|7 Forbidden|'],
    [{ type: 'message', from: 'group', group: 'g', fromUserId: 'ana', data: 'x' }, 'message|in g by ana|x'],
    [{ type: 'message', from: 'server', data: 'x' }, 'message|from server|x'],
    [{ type: 'system', event: 'connected', userId: 'ana' }, 'system|connected as ana|'],
    [{ type: 'ping' }, 'ping||'],
    [{ other: 1 }, 'text||{"other":1}'],
  ])('%p reads %p', (frame, line) => expect(lineOf(frame)).toBe(line))

  it('marks what went wrong', () => {
    expect(summarise({ text: '{"type":"ack","success":false}', bytes: 1 }).isFailure).toBe(true)
    expect(summarise({ text: '{"type":"system","event":"disconnected"}', bytes: 1 }).isFailure).toBe(true)
    expect(summarise({ text: '{"type":"ack","success":true}', bytes: 1 }).isFailure).toBe(false)
  })

  it('never throws, whatever a frame holds', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => summarise({ text, bytes: 1 }).title !== ''))
  })
})

describe('a whole frame', () => {
  it('shows bytes with their letters', () => {
    expect(pretty({ hex: '48690a' })).toBe(`0000  48 69 0a${' '.repeat(41)}Hi·`)
    expect(dump('00'.repeat(17)).split('\n')).toHaveLength(2)
  })

  it('loses nothing to its colours', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, undefined, 2)
        expect(
          tokenise(text)
            .map(({ text }) => text)
            .join(''),
        ).toBe(text)
      }),
    )
  })

  it('knows names from texts', () => {
    expect(tokenise('{"a": "b: 1"}').filter(({ kind }) => kind !== 'plain')).toEqual([
      { kind: 'name', text: '"a"' },
      { kind: 'string', text: '"b: 1"' },
    ])
  })
})

describe('numbers', () => {
  it('are short, with their unit', () => {
    expect([0, 999, 1000, 9949, 38_400, 999_600, 5e9].map((bytes) => formatBytes(bytes))).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '38 kB',
      '1.0 MB',
      '5.0 GB',
    ])
    expect([0, 59_999, 60_000, 7_200_000, 2e8].map((age) => formatAge(age))).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '2 d',
    ])
    expect([0.04, 9.96, 38.4, 12_000].map((ms) => formatMilliseconds(ms))).toEqual([
      '0.0 ms',
      '10.0 ms',
      '38 ms',
      '12 s',
    ])
    expect([plural(1, 'group'), plural(1_000, 'group')]).toEqual(['1 group', '1,000 groups'])
  })
})
