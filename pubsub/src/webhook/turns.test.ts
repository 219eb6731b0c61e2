import { describe, expect, it } from 'bun:test'
import { openTurns } from './turns.ts'

const claim = (client: string, fields: { isHandshake?: boolean; bytes?: number } = {}) => ({
  client,
  isHandshake: false,
  bytes: 100,
  ...fields,
})
type TestClaim = ReturnType<typeof claim>

function waiting(...claims: TestClaim[]) {
  const turns = openTurns<TestClaim>()
  for (const one of claims) expect(turns.add(one)).toBe(true)
  return turns
}

/** Whose turn it is, time after time, with this much room. */
const order = (turns: ReturnType<typeof waiting>, { free = 100, count = 100 } = {}) =>
  Array.from({ length: count }, () => turns.take(free)?.client).filter((client) => client !== undefined)

const repeat = (count: number, one: () => TestClaim) => Array.from({ length: count }, one)

describe('turns', () => {
  it('come one after the other to those who wait, however much one of them asks', () => {
    const turns = waiting(...repeat(4, () => claim('hog')), claim('ann'), claim('bob'), claim('ann'))
    expect(order(turns)).toEqual(['hog', 'ann', 'bob', 'hog', 'ann', 'hog', 'hog'])
  })

  it('come to handshakes first, three times of four', () => {
    const handshakes = ['1', '2', '3', '4', '5'].map((client) => claim(client, { isHandshake: true }))
    const turns = waiting(claim('ann'), claim('bob'), ...handshakes)
    expect(order(turns)).toEqual(['1', '2', '3', 'ann', '4', '5', 'bob'])
  })

  it('leave a client connection with 32 under way, until one of them ends', () => {
    const hog = claim('hog')
    const turns = waiting(...repeat(40, () => claim('hog')))
    expect(order(turns)).toHaveLength(32)
    turns.add(claim('ann'))
    expect(order(turns)).toEqual(['ann'])
    turns.end(hog)
    expect(order(turns)).toEqual(['hog'])
  })

  it('leave connections to the next one, however many ask for all of them', () => {
    const hogs = Array.from({ length: 20 }, (_, at) => repeat(50, () => claim(`hog ${at}`))).flat()
    const turns = waiting(...hogs)
    let free = 64
    while (turns.take(free)) free--
    expect(free).toBeGreaterThan(0)
    turns.add(claim('ann'))
    expect(turns.take(free)?.client).toBe('ann')
  })

  it('are refused to one client connection while others still find room', () => {
    const turns = openTurns<TestClaim>()
    const big = () => claim('hog', { bytes: 1_048_576 })
    let count = 0
    while (turns.add(big())) count++
    expect(count).toBe(64)
    expect(turns.add(claim('ann', { bytes: 1_048_576 }))).toBe(true)
    while (turns.take(1_000)) turns.end(big())
    expect(turns.add(big())).toBe(true)
  })

  it('are bounded in number too', () => {
    const turns = openTurns<TestClaim>()
    let count = 0
    while (turns.add(claim(`client ${count}`, { bytes: 1 }))) count++
    expect(count).toBe(16_384)
  })

  it('give back the room of those who did not want to wait', () => {
    const turns = openTurns<TestClaim>()
    const all: TestClaim[] = []
    for (let one = claim('hog', { bytes: 4_194_304 }); turns.add(one); one = { ...one }) all.push(one)
    for (const one of all) turns.remove(one)
    expect(turns.take(10)).toBeUndefined()
    for (const one of all) expect(turns.add(one)).toBe(true)
  })
})
