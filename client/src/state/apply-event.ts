import type { ServerEvent, ServerEventData, ServerEventName } from '@chatr/protocol'
import { addMember, applyEntries, myChat, removeMember } from './apply-entry.ts'
import { countUnread, forgetContents, isMember, newChatState, resetLog } from './chat-state.ts'
import type { Circumstances, Effect } from './effects.ts'
import type { AppState } from './types.ts'

type Appliers = {
  [Name in ServerEventName]: (state: AppState, data: ServerEventData<Name>, at: Circumstances) => Effect[]
}

/** Folds what the server tells into the state. Whatever else has to happen comes back as effects. */
export function applyEvent(state: AppState, event: ServerEvent, at: Circumstances): Effect[] {
  // The table pairs each name with the data of its own schema; TypeScript cannot follow that through the union.
  const applier = appliers[event.chatEvent] as (state: AppState, data: unknown, at: Circumstances) => Effect[]
  return applier(state, event.data, at)
}

const appliers: Appliers = {
  chatCreated: (state, chat) => {
    if (!state.chats.has(chat.id)) state.chats.set(chat.id, newChatState(chat))
    return []
  },

  chatDeleted: (state, chatId) => {
    const chat = state.chats.get(chatId)
    if (!chat) return []
    const wasMine = isMember(chat, state.me.userId)
    removeChat(state, chatId)
    return wasMine ? [{ kind: 'removed', chatId, name: chat.name }] : []
  },

  userOnline: (state, user) => {
    const before = state.online.get(user.userId)
    state.online.set(user.userId, user)
    renameMember(state, user)
    if (user.userId === state.me.userId) state.me.idle = user.idle
    return before ? [] : presence(state, 'online', user)
  },

  userOffline: (state, userId) => {
    const user = state.online.get(userId)
    state.online.delete(userId)
    return user ? presence(state, 'offline', user) : []
  },

  userIsIdle: (state, userId) => setIdle(state, userId, true),
  userNotIdle: (state, userId) => setIdle(state, userId, false),
  joinPrivateChat,
  message: applyMessage,
  memberChanged,
  readMoved,
  failed: (_state, failure) => [{ kind: 'failed', failure }],
}

export function removeChat(state: AppState, chatId: string): void {
  state.chats.delete(chatId)
  if (state.openChatId === chatId) state.openChatId = undefined
}

function presence(
  state: AppState,
  change: 'online' | 'offline' | 'idle',
  { userId, userName }: { userId: string; userName: string },
): Effect[] {
  return userId === state.me.userId ? [] : [{ kind: 'presence', change, userId, userName }]
}

function renameMember(state: AppState, { userId, userName }: { userId: string; userName: string }): void {
  for (const chat of state.chats.values()) {
    const member = chat.members[userId]
    if (member && member.userName !== userName) member.userName = userName
  }
}

function setIdle(state: AppState, userId: string, idle: boolean): Effect[] {
  if (userId === state.me.userId) state.me.idle = idle
  const user = state.online.get(userId)
  if (!user || user.idle === idle) return []
  user.idle = idle
  return idle ? presence(state, 'idle', user) : []
}

function joinPrivateChat(state: AppState, data: ServerEventData<'joinPrivateChat'>): Effect[] {
  const { chatId, userId, userName, chat } = data
  if (state.chats.has(chatId)) return []
  state.chats.set(chatId, newChatState(chat))
  if (userId === state.me.userId) return []
  return [{ kind: 'privateBegun', chatId, userId, userName, history: chat.history }]
}

function applyMessage(state: AppState, data: ServerEventData<'message'>, at: Circumstances): Effect[] {
  if (!state.chats.has(data.chatId)) return [{ kind: 'stale' }]
  const chat = myChat(state, data.chatId)
  if (!chat) return []
  // A message sent twice is told again with the chat's rev of now, which may be that of one still under way.
  const isAhead = data.rev > chat.rev && data.message.rev < data.rev
  if (isAhead || data.rev > chat.rev + 1)
    return [{ kind: 'gap', chatId: chat.id, event: { chatEvent: 'message', data } }]
  return applyEntries({ state, chat, at }, [data.message], data.rev)
}

function memberChanged(state: AppState, data: ServerEventData<'memberChanged'>, at: Circumstances): Effect[] {
  const chat = state.chats.get(data.chatId)
  if (!chat) return [{ kind: 'stale' }]
  const isKnown = data.rev <= chat.rev
  if (data.member.userId === state.me.userId) {
    if (isMember(chat, state.me.userId) !== (data.change === 'joined') && !isKnown) return changeMyself(state, data)
  } else if (!isMember(chat, state.me.userId)) return []
  if (data.rev > chat.rev + 1) return [{ kind: 'gap', chatId: chat.id, event: { chatEvent: 'memberChanged', data } }]
  if (!isKnown) (data.change === 'joined' ? addMember : removeMember)(chat, data.member)
  return applyEntries({ state, chat, at }, data.message ? [data.message] : [], data.rev)
}

/** What happened in a chat before I came in was not told to me: what I hold of it is no base to count on. */
function changeMyself(state: AppState, data: ServerEventData<'memberChanged'>): Effect[] {
  const chat = state.chats.get(data.chatId)
  if (!chat) return []
  chat.rev = data.rev
  if (data.change === 'joined') {
    addMember(chat, data.member)
    resetLog(chat)
    return [{ kind: 'stale' }, { kind: 'entered', chatId: chat.id }]
  }
  removeMember(chat, data.member)
  forgetContents(chat)
  return []
}

function readMoved(state: AppState, { chatId, pos, unread }: ServerEventData<'readMoved'>): Effect[] {
  const chat = myChat(state, chatId)
  if (!chat || pos < chat.readPos) return []
  chat.readPos = pos
  chat.unread = countUnread(chat, state.me.userId) ?? unread
  return []
}
