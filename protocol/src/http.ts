import * as z from 'zod/mini'
import { ChatListing, Message, OnlineUser, Rev } from './entities.ts'
import { ChatId, UserId } from './ids.ts'
import { limits } from './limits.ts'
import { FailureCode } from './server-events.ts'

/** `GET /api/getToken`. `url` holds the token: it is a secret for ten minutes and goes into no log. */
export const TokenResponse = z.object({
  url: z.string(),
  baseUrl: z.string(),
  token: z.string(),
  settings: z.object({
    /** Seconds without any input until a tab reports its user idle. */
    idleAfterSeconds: z.number(),
  }),
})
export type TokenResponse = z.infer<typeof TokenResponse>

/** `GET /api/users`: who is online. */
export const UsersResponse = z.object({ users: z.record(UserId, OnlineUser) })
export type UsersResponse = z.infer<typeof UsersResponse>

/** `GET /api/chats`: all group chats, and the caller's own private ones. */
export const ChatsResponse = z.object({ chats: z.record(ChatId, ChatListing) })
export type ChatsResponse = z.infer<typeof ChatsResponse>

/** `GET /api/chats/{id}/messages`: at most one of `before`, `after`, `around`, `since`; none is the newest page. */
export const MessagesQuery = z
  .object({
    /** The page of entries whose `pos` is below this. */
    before: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
    /** The page of entries whose `pos` is above this. */
    after: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
    /** Half a page on each side of this `pos`. */
    around: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
    /** All that changed since this `rev`, oldest change first. */
    since: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(limits.pageMax)), limits.pageDefault),
  })
  .check(
    z.refine(
      ({ before, after, around, since }) => [before, after, around, since].filter((at) => at !== undefined).length <= 1,
      'give at most one of before, after, around and since',
    ),
  )
export type MessagesQuery = z.infer<typeof MessagesQuery>

/**
 * `messages` by ascending `pos` (for `since`: by ascending `rev`), `rev` the chat's at the time of reading; `more`: there
 * is more in the direction asked for (for `around`: before the first).
 */
export const MessagesResponse = z.object({ messages: z.array(Message), rev: Rev, more: z.boolean() })
export type MessagesResponse = z.infer<typeof MessagesResponse>

/** `GET /api/health`, the one route for everyone. */
export const HealthResponse = z.object({ status: z.literal('ok'), version: z.string() })
export type HealthResponse = z.infer<typeof HealthResponse>

/** The body of every answer from 400 on. */
export const ErrorResponse = z.object({
  error: z.object({ code: z.union([FailureCode, z.literal('Unauthorized')]), message: z.string() }),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
