import { describe, expect, it } from 'bun:test'
import type { Member, Message } from '@chatr/protocol'
import { groupMessages, type LogParts, type LogRow } from './group-messages.ts'

const ana: Member = { userId: 'ana', userName: 'Ana Silva' }
const ben: Member = { userId: 'ben', userName: 'Ben Green' }
const mia: Member = { userId: 'mia', userName: 'Mia Kovač' }

const at = (minute: number, day = 1) => new Date(2026, 4, day, 12, minute).toISOString()
const entry = (pos: number, from: Member, minute: number, more: Partial<Message> = {}): Message => ({
  id: `m${pos}`,
  pos,
  rev: pos,
  kind: 'message',
  from,
  text: `line ${pos}`,
  at: at(minute),
  ...more,
})

const rowsOf = (items: LogParts['items'], more: Partial<LogParts> = {}) =>
  groupMessages({ items, pending: [], me: ana, keepsHistory: true, newLineAfter: undefined, previousPos: 0, ...more })
const kinds = (rows: LogRow[]) => rows.map(({ kind }) => kind)
const groups = (rows: LogRow[]) =>
  rows.flatMap((row) =>
    row.kind === 'group' ? [`${row.from.userId}: ${row.lines.map(({ id }) => id).join(' ')}`] : [],
  )

describe('grouping messages', () => {
  it('puts lines of one sender together for five minutes after the first', () => {
    const rows = rowsOf([entry(1, ben, 0), entry(2, ben, 3), entry(3, ben, 5), entry(4, ben, 6), entry(5, mia, 6)])
    expect(groups(rows)).toEqual(['ben: m1 m2 m3', 'ben: m4', 'mia: m5'])
  })

  it('marks my own groups', () => {
    expect(
      rowsOf([entry(1, ana, 0), entry(2, ben, 0)]).flatMap((row) => (row.kind === 'group' ? [row.isOwn] : [])),
    ).toEqual([true, false])
  })

  it('draws a line before each day and ends a group there', () => {
    const rows = rowsOf([entry(1, ben, 0), entry(2, ben, 1, { at: at(1, 2) })])
    expect(kinds(rows)).toEqual(['day', 'group', 'day', 'group'])
  })

  it('draws the New line above the first entry that was not read, and splits the group there', () => {
    const rows = rowsOf([entry(1, ben, 0), entry(2, ben, 1), entry(3, ben, 2)], { newLineAfter: 1 })
    expect(kinds(rows)).toEqual(['day', 'group', 'new', 'group'])
  })

  it('leaves the New line out of a stretch that lies below or above it', () => {
    const stretch = [entry(10, ben, 0), entry(11, ben, 1)]
    expect(kinds(rowsOf(stretch, { newLineAfter: 3, previousPos: 9 }))).not.toContain('new')
    expect(kinds(rowsOf(stretch, { newLineAfter: 3, previousPos: undefined }))).not.toContain('new')
    expect(kinds(rowsOf(stretch, { newLineAfter: 11, previousPos: 9 }))).not.toContain('new')
    expect(kinds(rowsOf(stretch, { newLineAfter: 9, previousPos: 9 }))).toContain('new')
  })

  it('merges neighbouring notices into one row and keeps a lone one whole', () => {
    const joined = (pos: number, from: Member) => entry(pos, from, 0, { kind: 'joined', text: '' })
    const others = ['Omar', 'Tess', 'Uma'].map((userName, index) => joined(index + 3, { userId: userName, userName }))
    const texts = (rows: LogRow[]) => rows.flatMap((row) => (row.kind === 'notice' ? [row.text] : []))
    expect(texts(rowsOf([joined(1, ben)]))).toEqual(['Ben Green joined'])
    expect(texts(rowsOf([joined(1, ben), joined(2, mia)]))).toEqual(['Ben and Mia joined'])
    expect(texts(rowsOf([joined(1, ben), joined(2, mia), ...others]))).toEqual(['Ben, Mia and 3 others joined'])
    expect(texts(rowsOf([joined(1, ana), entry(2, ben, 0, { kind: 'left' })]))).toEqual(['You joined · Ben Green left'])
  })

  it('names somebody who joined twice once', () => {
    const again = [1, 2, 3].map((pos) => entry(pos, ben, 0, { kind: 'joined' }))
    expect(rowsOf(again).find(({ kind }) => kind === 'notice')).toMatchObject({ text: 'Ben Green joined' })
  })

  it('shows what is being sent after the log, in my group, with its state', () => {
    const pending = [{ id: 'p1', text: 'x', at: at(1), status: 'failed', failure: 'Unavailable' } as const]
    const last = rowsOf([entry(1, ana, 0)], { pending }).at(-1)
    expect(last).toMatchObject({
      kind: 'group',
      isOwn: true,
      lines: [{ status: 'sent' }, { id: 'p1', status: 'failed' }],
    })
  })

  it('marks a relayed line as not stored only where history is kept', () => {
    const relayed = { id: 'r1', from: ben, text: 'x', at: at(0), afterPos: 0 }
    const isUnstored = (keepsHistory: boolean) => {
      const row = rowsOf([relayed], { keepsHistory }).at(-1)
      return row?.kind === 'group' && row.lines[0]?.isUnstored
    }
    expect(isUnstored(true)).toBe(true)
    expect(isUnstored(false)).toBe(false)
  })

  it('gives every row its own key', () => {
    const rows = rowsOf(Array.from({ length: 60 }, (_, index) => entry(index + 1, index % 3 ? ben : ana, index)))
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })
})
