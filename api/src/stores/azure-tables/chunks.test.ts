import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { gather, spread } from './chunks.ts'

describe('a text laid out in properties', () => {
  it('comes back as it was, and no property tears a character apart', () => {
    const long = fc.tuple(fc.nat(3), fc.string({ unit: 'grapheme' }), fc.nat(70_000))
    fc.assert(
      fc.property(long, ([shift, text, length]) => {
        const whole = 'x'.repeat(shift) + (text || '👋').repeat(length / 2).slice(0, length)
        fc.pre(whole.isWellFormed())
        const properties = spread('data', whole)
        expect(gather('data', properties)).toBe(whole)
        for (const chunk of Object.values(properties)) {
          expect(chunk.isWellFormed()).toBe(true)
          expect(chunk.length).toBeLessThanOrEqual(32_768)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('stands in `data`, and goes on in `data1`', () => {
    expect(Object.keys(spread('data', 'x'.repeat(32_000)))).toEqual(['data'])
    expect(Object.keys(spread('data', 'x'.repeat(64_001)))).toEqual(['data', 'data1', 'data2'])
  })

  it('is no text where there is none', () => {
    expect(gather('data', {})).toBeUndefined()
  })
})
