import * as z from 'zod/mini'
import { Chat, ChatListing, Member, Message, OnlineUser, Rev } from './entities.ts'
import { ChatId, UserId } from './ids.ts'

/** Why something was refused. `Unavailable` is the one that is worth trying again. */
export const FailureCode = z.enum(['BadRequest', 'Forbidden', 'NotFound', 'Duplicate', 'TooLarge', 'Unavailable'])
export type FailureCode = z.infer<typeof FailureCode>

/** The answer to one client event that was refused; nothing was changed by it. */
export const Failure = z.object({
  /** The name of the client event. */
  event: z.string(),
  /** The `ref` that the client gave, else the id of the message or chat it spoke of. */
  ref: z.optional(z.string()),
  code: FailureCode,
  /** For a developer, in English. */
  message: z.string(),
})
export type Failure = z.infer<typeof Failure>

/** Everything the backend tells clients, by `chatEvent`. `data` is a JSON object or an id, never JSON in a string. */
export const serverEvents = {
  /** To all: a group chat is there. */
  chatCreated: Chat,
  /** To all (of a private chat: to its two): a chat was removed. */
  chatDeleted: ChatId,
  /** To all: somebody's first connection came, or his name changed. */
  userOnline: OnlineUser,
  /** To all: somebody's last connection went. */
  userOffline: UserId,
  userIsIdle: UserId,
  userNotIdle: UserId,
  /** To both when a private chat begins (and to who asks again): `userId` began it. */
  joinPrivateChat: z.object({ chatId: ChatId, userId: UserId, userName: z.string(), chat: ChatListing }),
  /** To the chat: an entry of its log. */
  message: z.object({ chatId: ChatId, rev: Rev, message: Message }),
  /** To the chat and to whom it is about. `message` is the entry in the log of a chat that keeps history. */
  memberChanged: z.object({
    chatId: ChatId,
    rev: Rev,
    change: z.enum(['joined', 'left']),
    member: Member,
    message: z.optional(Message),
  }),
  /** To all devices of one person: he has read up to `pos`. */
  readMoved: z.object({ chatId: ChatId, pos: Rev, unread: z.int() }),
  /** To the sender alone. */
  failed: Failure,
}
export type ServerEventName = keyof typeof serverEvents
export type ServerEventData<Name extends ServerEventName> = z.infer<(typeof serverEvents)[Name]>
export type ServerEvent = {
  [Name in ServerEventName]: { chatEvent: Name; data: ServerEventData<Name> }
}[ServerEventName]

const envelope = z.object({ chatEvent: z.string(), data: z.unknown() })

/** Reads a server event from the data of a frame; `undefined` for one that this version does not know. */
export function parseServerEvent(data: unknown): ServerEvent | undefined {
  const event = envelope.safeParse(data)
  if (!event.success || !Object.hasOwn(serverEvents, event.data.chatEvent)) return undefined
  const chatEvent = event.data.chatEvent as ServerEventName // proven by the line above
  const parsed = serverEvents[chatEvent].safeParse(event.data.data)
  return parsed.success ? ({ chatEvent, data: parsed.data } as ServerEvent) : undefined // name and schema belong together
}
