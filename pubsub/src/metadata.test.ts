import { describe, expect, it } from 'bun:test'
import { isMetadata } from './metadata.ts'

const isOk = (metadata: Record<string, string>) => isMetadata(Object.entries(metadata))
const eight = (valueLength: number) =>
  Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`key${at}`, 'v'.repeat(valueLength)]))

describe('metadata', () => {
  it('may be anything within the limits, also nothing', () => {
    expect(isOk({})).toBe(true)
    expect(isOk({ "!#$%&'*+-.^_`|~09AZaz": '' })).toBe(true)
    expect(isOk({ ['k'.repeat(256)]: 'v'.repeat(1_024) })).toBe(true)
    expect(isOk({ key: 'Grüße, 世界' })).toBe(true)
    expect(isOk(eight(1_020))).toBe(true)
  })

  it('is refused beyond the limits', () => {
    expect(isOk({ ['k'.repeat(257)]: '' })).toBe(false)
    expect(isOk({ k: 'v'.repeat(1_025) })).toBe(false)
    expect(isOk(eight(1_021))).toBe(false)
    expect(isOk({ ...eight(1_019), k: 'é'.repeat(4) })).toBe(false)
  })

  it('has keys that are HTTP tokens', () => {
    for (const key of ['', 'a b', 'a:b', 'é', 'a\n', '"a"', 'a/b'])
      expect([key, isOk({ [key]: 'v' })]).toEqual([key, false])
  })

  it('has each key once, told apart by case', () => {
    expect(
      isMetadata([
        ['a', '1'],
        ['A', '2'],
      ]),
    ).toBe(true)
    expect(
      isMetadata([
        ['a', '1'],
        ['a', '1'],
      ]),
    ).toBe(false)
  })
})
