import * as z from 'zod/mini'
import { ChatId, MessageId, UserId } from './ids.ts'

/** ISO 8601, UTC, milliseconds: `2026-11-22T08:30:00.000Z`. */
export const Timestamp = z.iso.datetime()

/** A position in, or a version of, one chat's log: 1, 2, 3 … without gaps. 0 is "before the first". */
export const Rev = z.int().check(z.nonnegative())

export const Provider = z.string().check(z.minLength(1), z.maxLength(64))

/** Somebody who can sign in. `userProvider` is Static Web Apps' name for the way: `aad`, `github`, `twitter`, `guest` … */
export const User = z.object({ userId: UserId, userName: z.string(), userProvider: Provider })
export type User = z.infer<typeof User>

/** Somebody who is online. `idle` when there was no input in any of his tabs for the idle time. */
export const OnlineUser = z.object({ ...User.shape, idle: z.boolean() })
export type OnlineUser = z.infer<typeof OnlineUser>

export const Member = z.object({ userId: UserId, userName: z.string() })
export type Member = z.infer<typeof Member>

/**
 * `kept`: lines go through the backend and are stored (record lane). `off`: off the record, lines go from browser to
 * browser (relay lane) and nothing that is said is stored.
 */
export const History = z.enum(['kept', 'off'])
export type History = z.infer<typeof History>

/** A group chat (everyone sees it, anyone may join) or a private chat (two people, nobody else ever hears of it). */
export const Chat = z.object({
  id: ChatId,
  name: z.string(),
  kind: z.enum(['group', 'private']),
  history: History,
  /** The creator. Only he can remove a group chat. */
  owner: UserId,
  members: z.record(UserId, Member),
  /** Raised by one for every change of the chat; see `docs/protocol.md`. */
  rev: Rev,
  createdAt: Timestamp,
})
export type Chat = z.infer<typeof Chat>

/**
 * An entry of a chat's log. `message` is what somebody said; the other kinds are notices that the client words itself.
 * `pos` is the rev at which the entry was born (its place for ever), `rev` that of its last change.
 */
export const Message = z.object({
  id: MessageId,
  pos: Rev,
  rev: Rev,
  kind: z.enum(['message', 'created', 'joined', 'left']),
  from: Member,
  text: z.string(),
  at: Timestamp,
  editedAt: z.optional(Timestamp),
  deletedAt: z.optional(Timestamp),
})
export type Message = z.infer<typeof Message>

/** A chat as its reader sees it in his list. The last three are there only for a member. */
export const ChatListing = z.object({
  ...Chat.shape,
  /** How far he has read, on any of his devices. */
  readPos: z.optional(Rev),
  /** Messages of others beyond `readPos`, counted up to `limits.unreadMax`. */
  unread: z.optional(z.int().check(z.nonnegative())),
  /** The newest message (not a notice). */
  last: z.optional(Message),
})
export type ChatListing = z.infer<typeof ChatListing>
