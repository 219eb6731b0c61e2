import type { Message } from '@chatr/protocol'
import type { ChatLog } from './types.ts'

export const emptyLog = (): ChatLog => ({
  entries: [],
  status: 'empty',
  hasOlder: false,
  hasNewer: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
})

/** A new, frozen array each time: Vue leaves frozen things alone, so a long log costs no proxies. */
export function setEntries(log: ChatLog, entries: Message[]): void {
  Object.freeze(entries)
  log.entries = entries
}

/**
 * Puts messages to their places, by `pos`. One that is there is replaced unless it is newer; one that lies outside of
 * the run (older than a page not loaded, newer than a page not loaded) is left out, so the run stays unbroken.
 */
export function mergeEntries(log: ChatLog, messages: readonly Message[]): void {
  if (log.status !== 'loaded') return
  const byId = new Map(log.entries.map((entry) => [entry.id, entry]))
  const wanted = messages.filter((message) => {
    const held = byId.get(message.id)
    return held ? held.rev < message.rev : isWithin(log, message.pos)
  })
  if (wanted.length === 0) return
  for (const message of wanted) byId.set(message.id, message)
  setEntries(
    log,
    [...byId.values()].sort((a, b) => a.pos - b.pos),
  )
}

function isWithin(log: ChatLog, pos: number): boolean {
  const first = log.entries[0]
  const last = log.entries.at(-1)
  if (!first || !last) return !log.hasOlder && !log.hasNewer
  return (!log.hasOlder || pos > first.pos) && (!log.hasNewer || pos < last.pos)
}

/** Lets go of what is far above the end, of a chat that nobody looks at. A run in the past is let go of whole. */
export function trimLog(log: ChatLog, keep: number): ChatLog {
  if (log.hasNewer || log.status !== 'loaded') return emptyLog()
  if (log.entries.length <= keep) return log
  const trimmed: ChatLog = { ...log, hasOlder: true, isLoadingOlder: false }
  setEntries(trimmed, log.entries.slice(-keep))
  return trimmed
}
