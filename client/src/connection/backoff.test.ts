import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { backoffMs } from './backoff.ts'

describe('the wait before an attempt', () => {
  it('grows to ten seconds and is never below half a second', () => {
    expect([1, 2, 3, 4, 5, 6, 1000].map((attempt) => backoffMs(attempt, 0.999_999))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000,
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const ms = backoffMs(attempt, random)
          expect(ms >= 500 && ms <= 10_000).toBe(true)
        },
      ),
    )
  })
})
