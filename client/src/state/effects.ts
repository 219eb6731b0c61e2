import type { Failure, ServerEvent } from '@chatr/protocol'

/** What follows from an event beyond the state itself. Told by the reducers, carried out in `react.ts`. */
export type Effect =
  /** The chat's log has a gap before this event; it has to be applied again once the gap is filled. */
  | { kind: 'gap'; chatId: string; event: ServerEvent }
  /** The chat's log is whole only up to `from`; the rest of the chat is up to date. */
  | { kind: 'behind'; chatId: string; from: number }
  /** The list of chats is not to be trusted any more. */
  | { kind: 'stale' }
  /** I am a member now: what was not visible before has to be loaded. */
  | { kind: 'entered'; chatId: string }
  /** A message of mine is in the log. */
  | { kind: 'confirmed'; chatId: string; messageId: string }
  | { kind: 'said'; chatId: string; userId: string; userName: string; text: string }
  | { kind: 'privateBegun'; chatId: string; userId: string; userName: string; history: 'kept' | 'off' }
  | { kind: 'removed'; chatId: string; name: string }
  | { kind: 'presence'; change: PresenceChange; userId: string; userName: string }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'typing' }

export type PresenceChange = 'online' | 'offline' | 'idle'

/** What the reducers need to know besides the state. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  now: number
  /** The page is shown and has the focus: what is on the screen is being read. */
  isWatched: boolean
}
