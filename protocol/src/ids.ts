import * as z from 'zod/mini'

/** Letters, digits and `._:-`: safe in a URL path, in an HTTP header and as a key of any of our stores. */
const key = (maxLength: number) => z.string().check(z.regex(/^[A-Za-z0-9._:-]+$/), z.maxLength(maxLength))

/** Names a chat, and the pub/sub group of the same name. Made by the client that creates the chat (a UUID). */
export const ChatId = key(128)
export type ChatId = z.infer<typeof ChatId>

/** Names a person, `<provider>:<id>` on our own server, opaque on Azure. Never made from a display name alone. */
export const UserId = z.string().check(z.minLength(1), z.maxLength(256))
export type UserId = z.infer<typeof UserId>

/** Names a message within its chat. Made by the sender (a UUIDv7): sending the same id again stores nothing twice. */
export const MessageId = key(64)
export type MessageId = z.infer<typeof MessageId>
