import type { Chat } from '@chatr/protocol'
import type { Refusal } from './context.ts'

export const isMember = (chat: Chat, userId: string): boolean => Object.hasOwn(chat.members, userId)

/** To everybody else a private chat is not there. */
export const isVisible = (chat: Chat | undefined, userId: string): chat is Chat =>
  chat !== undefined && (chat.kind === 'group' || isMember(chat, userId))

/** Private chats have ids that the backend makes; a group chat with one would stand in the way of two people. */
export const privateIdPrefix = 'private-'

export const whyNotLeave = (chat: Chat): Refusal | undefined =>
  chat.kind === 'private' ? forbidden('a private chat is not left; one off the record can be deleted') : undefined

export function whyNotDelete(chat: Chat, userId: string): Refusal | undefined {
  if (chat.kind === 'group') {
    return chat.owner === userId ? undefined : forbidden('only its creator deletes a group chat')
  }
  return chat.history === 'off' ? undefined : forbidden('a private chat that keeps history is not deleted')
}

const forbidden = (message: string): Refusal => ({ code: 'Forbidden', message })
