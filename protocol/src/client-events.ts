import * as z from 'zod/mini'
import { History, Rev } from './entities.ts'
import { ChatId, MessageId, UserId } from './ids.ts'
import { ChatName, MessageText } from './text.ts'

/** Anything the client wants back in `failed` to tell its requests apart. */
const ref = z.optional(z.string().check(z.maxLength(128)))

/** A chat id, as text or inside an object: `"<id>"` or `{"chatId": "<id>"}`. */
const chatRef = z.pipe(
  z.union([ChatId, z.object({ chatId: ChatId, ref })]),
  z.transform((data): { chatId: ChatId; ref?: string | undefined } =>
    typeof data === 'string' ? { chatId: data } : data,
  ),
)

/**
 * Everything a client may ask of the backend, by the name of its event. Who asks is known from the connection; ids of
 * the asker inside the data are ignored.
 */
export const clientEvents = {
  createChat: z.object({ id: ChatId, name: ChatName, history: z.optional(History), ref }),
  createPrivateChat: z.object({ targetUserId: UserId, history: z.optional(History), ref }),
  joinChat: chatRef,
  leaveChat: chatRef,
  deleteChat: chatRef,
  userEnterIdle: z.unknown(),
  userExitIdle: z.unknown(),
  sendMessage: z.object({ chatId: ChatId, id: MessageId, text: MessageText, ref }),
  markRead: z.object({ chatId: ChatId, pos: Rev, ref }),
}
export type ClientEventName = keyof typeof clientEvents
export type ClientEvent<Name extends ClientEventName> = z.infer<(typeof clientEvents)[Name]>

export const isClientEventName = (name: string): name is ClientEventName => Object.hasOwn(clientEvents, name)
