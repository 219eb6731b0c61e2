import type { Shared } from './batch.ts'

/** Bytes that one socket did not take yet, in order: parts of what it shares with others, not copies. */
export interface Backlog {
  parts: HeldPart[]
  /** Those before it went out. */
  head: number
  /** What this socket has not taken. */
  bytes: number
}

export interface HeldPart {
  shared: Shared
  from: number
  to: number
}

/** What all sockets together keep in memory that way; shared bytes count once. */
export interface HeldTotal {
  bytes: number
}

export const newBacklog = (): Backlog => ({ parts: [], head: 0, bytes: 0 })

export function hold(backlog: Backlog, part: HeldPart, total: HeldTotal): void {
  backlog.parts.push(part)
  backlog.bytes += part.to - part.from
  if (part.shared.holders++ === 0) total.bytes += part.shared.bytes.length
}

/** The next one to go out. */
export const firstHeld = ({ parts, head }: Backlog): HeldPart | undefined => parts[head]

/** The socket took `count` bytes of the first one. */
export function release(backlog: Backlog, count: number, total: HeldTotal): void {
  const part = firstHeld(backlog)
  if (!part) return
  backlog.bytes -= count
  part.from += count
  if (part.from < part.to) return
  letGo(part, total)
  backlog.head++
  if (backlog.head < 32 || backlog.head * 2 < backlog.parts.length) return
  backlog.parts = backlog.parts.slice(backlog.head)
  backlog.head = 0
}

/** Nobody will read it any more. */
export function releaseAll(backlog: Backlog, total: HeldTotal): void {
  for (const part of backlog.parts.slice(backlog.head)) letGo(part, total)
  backlog.parts = []
  backlog.head = 0
  backlog.bytes = 0
}

function letGo({ shared }: HeldPart, total: HeldTotal): void {
  if (--shared.holders === 0) total.bytes -= shared.bytes.length
}
