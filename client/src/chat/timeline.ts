import type { Message } from '@chatr/protocol'
import type { RelayedMessage } from '../state/types.ts'

/** What a log is made of: stored entries, and lines of the relay lane between them. */
export type TimelineItem = Message | RelayedMessage

export const isStored = (item: TimelineItem): item is Message => 'pos' in item

/**
 * Puts relayed lines where they came: after the stored entry that was the newest then. Both lists are in order; without
 * relayed lines the entries themselves are given back, so that a long log costs nothing.
 */
export function mergeTimeline(entries: Message[], relayed: RelayedMessage[]): TimelineItem[] {
  if (relayed.length === 0) return entries
  if (entries.length === 0) return relayed
  const items: TimelineItem[] = []
  let next = 0
  for (const entry of entries) {
    for (let line = relayed[next]; line && line.afterPos < entry.pos; line = relayed[++next]) items.push(line)
    items.push(entry)
  }
  return items.concat(relayed.slice(next))
}

/** The index of the first stored entry beyond `pos`, or the length when there is none. */
export function indexBeyond(items: readonly TimelineItem[], pos: number): number {
  const index = items.findIndex((item) => isStored(item) && item.pos > pos)
  return index === -1 ? items.length : index
}
