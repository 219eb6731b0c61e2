import { limits } from '@chatr/protocol'
import type { Member, Message } from '@chatr/protocol'
import { isMember } from './chat-state.ts'
import type { Circumstances, Effect } from './effects.ts'
import { mergeEntries } from './log.ts'
import type { AppState, ChatState } from './types.ts'

export interface EntryContext {
  state: AppState
  chat: ChatState
  at: Circumstances
}

/**
 * Takes entries in that the server tells or that a `since` question found, by ascending rev, and moves the chat to
 * `rev`. What was known before (its `pos` is not beyond the chat's rev) is merged, never counted a second time.
 */
export function applyEntries(context: EntryContext, messages: readonly Message[], rev: number): Effect[] {
  const { chat } = context
  const born = messages.filter((message) => message.pos > chat.rev)
  mergeEntries(chat.log, messages)
  const effects = confirmMine(context, messages)
  for (const message of born) effects.push(...bornAppliers[message.kind](context, message))
  const changed = messages.find((message) => message.id === chat.last?.id)
  if (chat.last && changed && changed.rev > chat.last.rev) chat.last = changed
  chat.rev = Math.max(chat.rev, rev)
  return effects
}

/** What is in the log is not pending any more. */
export function confirmMine({ state, chat }: Omit<EntryContext, 'at'>, messages: readonly Message[]): Effect[] {
  const stored = new Set(messages.filter(({ from }) => from.userId === state.me.userId).map(({ id }) => id))
  const confirmed = chat.pending.filter(({ id }) => stored.has(id))
  if (confirmed.length > 0) chat.pending = chat.pending.filter(({ id }) => !stored.has(id))
  return confirmed.map(({ id }) => ({ kind: 'confirmed', chatId: chat.id, messageId: id }))
}

const bornAppliers: Record<Message['kind'], (context: EntryContext, message: Message) => Effect[]> = {
  message: said,
  created: () => [],
  joined: ({ chat }, message) => addMember(chat, message.from),
  left: ({ chat }, message) => removeMember(chat, message.from),
}

export function addMember(chat: ChatState, { userId, userName }: Member): [] {
  chat.members[userId] = { userId, userName }
  return []
}

export function removeMember(chat: ChatState, { userId }: Member): [] {
  delete chat.members[userId]
  chat.typing.delete(userId)
  return []
}

function said({ state, chat, at }: EntryContext, message: Message): Effect[] {
  if (message.pos > (chat.last?.pos ?? 0)) chat.last = message
  chat.typing.delete(message.from.userId)
  if (message.from.userId === state.me.userId || message.pos <= chat.readPos) return []
  markNew(state, chat, { at, after: message.pos - 1 })
  const { userId, userName } = message.from
  return [{ kind: 'said', chatId: chat.id, userId, userName, text: message.text }]
}

/** One more unread; the "New" line comes above it when it arrives in the open chat while nobody looks. */
function markNew(state: AppState, chat: ChatState, { at, after }: { at: Circumstances; after: number }): void {
  const isOpen = state.openChatId === chat.id
  if (isOpen && !at.isWatched && chat.unread === 0) chat.newLineAfter = after
  chat.unread = Math.min(limits.unreadMax, chat.unread + 1)
}

/** The chat, if it is there and I am in it: nothing that is said elsewhere is for me. */
export function myChat(state: AppState, chatId: string): ChatState | undefined {
  const chat = state.chats.get(chatId)
  return chat && isMember(chat, state.me.userId) ? chat : undefined
}
