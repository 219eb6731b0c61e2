import { limits } from '@chatr/protocol'
import type { Chat, ChatListing, Message } from '@chatr/protocol'
import { emptyLog } from './log.ts'
import type { ChatLog, ChatState } from './types.ts'

/** A chat that was not known before. */
export function newChatState(listing: Chat | ChatListing): ChatState {
  const { readPos = 0, unread = 0, last, ...chat }: ChatListing = listing
  return {
    ...chat,
    members: { ...chat.members },
    readPos,
    unread,
    last,
    newLineAfter: undefined,
    log: chat.history === 'off' ? wholeLog() : emptyLog(),
    pending: [],
    relayed: [],
    typing: new Map(),
    draft: '',
  }
}

/** The log of a chat that stores nothing: there is nothing to load. */
const wholeLog = (): ChatLog => ({ ...emptyLog(), status: 'loaded' })

/** With `in`, which Vue follows; it does not see through `Object.hasOwn`, so a view would not learn of a change. */
export const isMember = (chat: ChatState, userId: string) => userId in chat.members

/** Forgets the log; what is loaded next is the newest page. */
export function resetLog(chat: ChatState): void {
  chat.log = chat.history === 'off' ? wholeLog() : emptyLog()
}

/** What remains for somebody who is no member any more: the entry in the list. */
export function forgetContents(chat: ChatState): void {
  resetLog(chat)
  Object.assign(chat, { pending: [], relayed: [], unread: 0, readPos: 0, newLineAfter: undefined, last: undefined })
  chat.typing.clear()
}

/** Takes over what the server's list says. Pending messages, relayed ones and the draft are ours alone and stay. */
export function applyListing(chat: ChatState, listing: ChatListing): void {
  const { readPos = 0, unread = 0, last, ...rest } = listing
  // Off the record unread is only counted here; and what I have read without a connection is told right afterwards.
  const isCountedHere = chat.history === 'off' || chat.readPos > readPos
  Object.assign(chat, rest, { members: { ...rest.members } })
  chat.readPos = Math.max(chat.readPos, readPos)
  chat.last = last
  if (!isCountedHere) chat.unread = unread
}

export const isUnread = (message: Message, readPos: number, me: string) =>
  message.kind === 'message' && message.pos > readPos && message.from.userId !== me

/**
 * Counts the unread messages from the log, up to the chat's rev (what is beyond is counted when it is told); `undefined`
 * when the log does not reach from the read position to the end.
 */
export function countUnread(chat: ChatState, me: string): number | undefined {
  const { log, readPos, rev } = chat
  const first = log.entries[0]
  const reaches = log.status === 'loaded' && !log.hasNewer && (!log.hasOlder || (first && first.pos <= readPos + 1))
  if (!reaches || chat.history === 'off') return undefined
  return Math.min(
    limits.unreadMax,
    log.entries.filter((entry) => entry.pos <= rev && isUnread(entry, readPos, me)).length,
  )
}

/** The log is whole: what it says about unread messages is right, whatever was guessed before. */
export function recountUnread(chat: ChatState, me: string): void {
  chat.unread = countUnread(chat, me) ?? chat.unread
}
