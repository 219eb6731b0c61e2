import { describe, expect, it } from 'bun:test'
import type { Message } from '@chatr/protocol'
import { indexBeyond, mergeTimeline } from './timeline.ts'

const from = { userId: 'ben', userName: 'Ben' }
const at = '2026-05-12T10:00:00.000Z'
const stored = (pos: number): Message => ({ id: `m${pos}`, pos, rev: pos, kind: 'message', from, text: 'x', at })
const relayed = (id: string, afterPos: number) => ({ id, from, text: 'x', at, afterPos })
const ids = (items: { id: string }[]) => items.map(({ id }) => id)

describe('the timeline of a chat', () => {
  it('puts relayed lines after the entry that was the newest when they came', () => {
    const items = mergeTimeline([stored(1), stored(2), stored(4)], [relayed('a', 0), relayed('b', 2), relayed('c', 9)])
    expect(ids(items)).toEqual(['a', 'm1', 'm2', 'b', 'm4', 'c'])
  })

  it('gives the stored entries themselves back when nothing was relayed', () => {
    const entries = [stored(1)]
    expect(mergeTimeline(entries, [])).toBe(entries)
  })

  it('finds the first stored entry beyond a position', () => {
    const items = mergeTimeline([stored(1), stored(3)], [relayed('a', 1)])
    expect([indexBeyond(items, 0), indexBeyond(items, 1), indexBeyond(items, 3)]).toEqual([0, 2, 3])
  })
})
