import { limits, RelayLine, TypingSignal } from '@chatr/protocol'
import { myChat } from './apply-entry.ts'
import type { Circumstances, Effect } from './effects.ts'
import type { AppState, ChatState, RelayedMessage } from './types.ts'

/** What one client sent to the group of a chat. The service vouches for `fromUserId`; nothing else is believed. */
export interface RelayFrame {
  chatId: string
  fromUserId: string
  data: unknown
}

const typingBelievedMs = 5_000

/** Lines of the relay lane are kept only in memory, this many for each chat. */
const relayedMax = 2_000

/** Folds a line or a signal of the relay lane into the state; the name shown is that of the chat's member. */
export function applyRelay(state: AppState, frame: RelayFrame, at: Circumstances): Effect[] {
  const chat = myChat(state, frame.chatId)
  const from = chat?.members[frame.fromUserId]
  if (!chat || !from) return []
  if (TypingSignal.safeParse(frame.data).success) return noteTyping(state, chat, { from, at })
  const line = RelayLine.safeParse(frame.data)
  if (!line.success) return []
  const { id = `${from.userId}/${at.now}/${chat.relayed.length}`, message: text } = line.data
  const isAdded = addRelayed(chat, { id, from: { ...from }, text, at: new Date(at.now).toISOString() })
  if (!isAdded || from.userId === state.me.userId) return []
  if (chat.history === 'off' && !isOnScreen(state, chat, at)) chat.unread = Math.min(limits.unreadMax, chat.unread + 1)
  return [{ kind: 'said', chatId: chat.id, userId: from.userId, userName: from.userName, text }]
}

/** False when this line is there already. Ids are compared per sender: nobody can keep another one's line away. */
export function addRelayed(chat: ChatState, line: Omit<RelayedMessage, 'afterPos'>): boolean {
  const twins = chat.relayed.filter((other) => other.id === line.id)
  if (twins.some((other) => other.from.userId === line.from.userId)) return false
  const id = twins.length === 0 ? line.id : `${line.id}/${line.from.userId}`
  if (id !== line.id && chat.relayed.some((other) => other.id === id)) return false
  chat.typing.delete(line.from.userId)
  chat.relayed = [...chat.relayed, { ...line, id, afterPos: chat.rev }].slice(-relayedMax)
  return true
}

const isOnScreen = (state: AppState, chat: ChatState, at: Circumstances) => at.isWatched && state.openChatId === chat.id

function noteTyping(
  state: AppState,
  chat: ChatState,
  { from, at }: { from: { userId: string; userName: string }; at: Circumstances },
): Effect[] {
  if (from.userId === state.me.userId) return []
  chat.typing.set(from.userId, { userName: from.userName, until: at.now + typingBelievedMs })
  return [{ kind: 'typing' }]
}
