import type { Member, Message } from '@chatr/protocol'
import type { PendingMessage } from '../state/types.ts'
import { wordNotices } from './word-notices.ts'
import { isStored, type TimelineItem } from './timeline.ts'

/** One bubble. */
export interface LogLine {
  id: string
  text: string
  at: string
  /** Where it stands in the stored log; lines that are not stored have none. */
  pos: number | undefined
  status: 'sent' | PendingMessage['status']
  failure: PendingMessage['failure']
  /** A line of the relay lane in a chat that keeps history. */
  isUnstored: boolean
}

export type LogRow =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'new'; key: string }
  | { kind: 'notice'; key: string; text: string; at: string; pos: number }
  | { kind: 'group'; key: string; from: Member; isOwn: boolean; at: string; lines: LogLine[] }

export interface LogParts {
  items: readonly TimelineItem[]
  pending: readonly PendingMessage[]
  me: Member
  keepsHistory: boolean
  newLineAfter: number | undefined
  /** The pos of the entry before the first item: 0 when there is none, nothing when it is not known. */
  previousPos: number | undefined
}

/** Lines of one sender stand together when no more than this lies between the first and the next. */
const groupMs = 5 * 60_000

const dayOf = (at: string) => new Date(at).toDateString()
const isNotice = (item: TimelineItem): item is Message => isStored(item) && item.kind !== 'message'

interface Draft {
  me: string
  rows: LogRow[]
  notices: Message[]
  day: string
  needsNewLine: boolean
}

/** Words the notices that stand together in one row. */
function flushNotices(draft: Draft): void {
  const [first] = draft.notices
  const last = draft.notices.at(-1)
  if (!first || !last) return
  draft.rows.push({
    kind: 'notice',
    key: `notice ${first.id}`,
    text: wordNotices(draft.notices, draft.me),
    at: last.at,
    pos: last.pos,
  })
  draft.notices = []
}

function startDay(draft: Draft, at: string): void {
  const day = dayOf(at)
  if (day === draft.day) return
  flushNotices(draft)
  draft.day = day
  draft.rows.push({ kind: 'day', key: `day ${day}`, at })
}

function startNew(draft: Draft, item: TimelineItem, parts: LogParts): void {
  const isNew = isStored(item) && parts.newLineAfter !== undefined && item.pos > parts.newLineAfter
  if (!isNew || !draft.needsNewLine) return
  flushNotices(draft)
  draft.needsNewLine = false
  draft.rows.push({ kind: 'new', key: 'new' })
}

function addLine(draft: Draft, from: Member, line: LogLine): void {
  flushNotices(draft)
  const last = draft.rows.at(-1)
  const isSameGroup =
    last?.kind === 'group' && last.from.userId === from.userId && Date.parse(line.at) - Date.parse(last.at) <= groupMs
  if (isSameGroup) last.lines.push(line)
  else
    draft.rows.push({
      kind: 'group',
      key: `group ${line.id}`,
      from,
      isOwn: from.userId === draft.me,
      at: line.at,
      lines: [line],
    })
}

const lineOf = (item: TimelineItem, keepsHistory: boolean): LogLine => ({
  id: item.id,
  text: item.text,
  at: item.at,
  pos: isStored(item) ? item.pos : undefined,
  status: 'sent',
  failure: undefined,
  isUnstored: keepsHistory && !isStored(item),
})

/** Whether the "New" line stands in this stretch, not above what is shown of it. */
function holdsNewLine({ items, newLineAfter, previousPos }: LogParts): boolean {
  const first = items.find(isStored)
  if (!first || newLineAfter === undefined) return false
  return first.pos <= newLineAfter + 1 || (previousPos !== undefined && previousPos <= newLineAfter)
}

/** Turns a stretch of a chat's log into what is drawn: day lines, the "New" line, notices, and groups by sender. */
export function groupMessages(parts: LogParts): LogRow[] {
  const { items, pending, me, keepsHistory } = parts
  const draft: Draft = { me: me.userId, rows: [], notices: [], day: '', needsNewLine: holdsNewLine(parts) }
  for (const item of items) {
    startDay(draft, item.at)
    startNew(draft, item, parts)
    if (isNotice(item)) draft.notices.push(item)
    else addLine(draft, item.from, lineOf(item, keepsHistory))
  }
  flushNotices(draft)
  for (const { id, text, at, status, failure } of pending) {
    startDay(draft, at)
    addLine(draft, me, { id, text, at, pos: undefined, status, failure, isUnstored: false })
  }
  return draft.rows
}
