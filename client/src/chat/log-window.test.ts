import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import {
  newerWindow,
  olderWindow,
  windowAfter,
  windowAround,
  windowAtEnd,
  windowSize,
  windowStep,
} from './log-window.ts'

const mostDrawn = windowSize + windowStep

describe('the window of a log', () => {
  it('shows the newest items of a long log and all of a short one', () => {
    expect(windowAtEnd(50_000)).toEqual({ start: 50_000 - windowSize, end: 50_000 })
    expect(windowAtEnd(3)).toEqual({ start: 0, end: 3 })
  })

  it('shows both sides of an item, and a whole window near an end', () => {
    expect(windowAround(1_000, 50_000)).toEqual({ start: 1_000 - windowSize / 2, end: 1_000 + windowSize / 2 })
    expect(windowAround(2, 50_000)).toEqual({ start: 0, end: windowSize })
    expect(windowAround(49_999, 50_000)).toEqual(windowAtEnd(50_000))
  })

  it('walks to the oldest item and back to the newest', () => {
    let now = windowAtEnd(1_000)
    while (now.start > 0) now = olderWindow(now)
    expect(now).toEqual({ start: 0, end: windowSize })
    while (now.end < 1_000) now = newerWindow(now, 1_000)
    expect(now).toEqual(windowAtEnd(1_000))
  })

  it('follows the newest item for a reader at the bottom, and lets go of the oldest many at a time', () => {
    const follow = (count: number) =>
      windowAfter(windowAtEnd(500), { oldCount: 500, count, prepended: 0, follows: true })
    expect(follow(501)).toEqual({ start: 260, end: 501 })
    expect(follow(581)).toEqual(windowAtEnd(581))
  })

  it('keeps the same items for a reader above when older ones come before them', () => {
    const now = { start: 0, end: 240 }
    const change = { oldCount: 500, count: 550, prepended: 50, follows: false }
    expect(windowAfter(now, change)).toEqual({ start: 50, end: 290 })
  })

  it('shows what the first page holds', () => {
    expect(windowAfter(windowAtEnd(0), { oldCount: 0, count: 50, prepended: 0, follows: false })).toEqual(
      windowAtEnd(50),
    )
  })

  it('never leaves the log and never draws more than its bound', () => {
    const change = fc.record({
      older: fc.nat(200),
      newer: fc.nat(200),
      follows: fc.boolean(),
      step: fc.constantFrom(-1, 0, 1),
    })
    fc.assert(
      fc.property(fc.nat(2_000), fc.array(change), (first, changes) => {
        let count = first
        let now = windowAtEnd(count)
        for (const { older, newer, follows, step } of changes) {
          const oldCount = count
          count += older + newer
          now = windowAfter(now, { oldCount, count, prepended: older, follows })
          if (step === -1) now = olderWindow(now)
          if (step === 1) now = newerWindow(now, count)
          expect(now.start).toBeGreaterThanOrEqual(0)
          expect(now.end).toBeLessThanOrEqual(count)
          expect(now.end - now.start).toBeLessThanOrEqual(mostDrawn)
          expect(now.end > now.start || count === 0).toBe(true)
        }
      }),
    )
  })
})
