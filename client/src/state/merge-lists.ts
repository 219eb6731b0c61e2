import type { ChatListing, OnlineUser } from '@chatr/protocol'
import { removeChat } from './apply-event.ts'
import { missedMax } from './catch-up.ts'
import { applyListing, forgetContents, isMember, newChatState, resetLog } from './chat-state.ts'
import type { Effect } from './effects.ts'
import type { AppState, ChatState } from './types.ts'

/** Replaces who is online. I am, whether the server has noticed it already or not. */
export function mergeUsers(state: AppState, users: Record<string, OnlineUser>): void {
  state.online = new Map(Object.entries(users))
  const me = state.online.get(state.me.userId)
  if (me) state.me.idle = me.idle
  else state.online.set(state.me.userId, { ...state.me })
}

/**
 * Takes the list of chats over. Logs that are loaded stay, with effects that say what they lack; `wholeUpTo` knows the
 * logs that lacked something before.
 */
export function mergeChats(
  state: AppState,
  listings: Record<string, ChatListing>,
  wholeUpTo: (chatId: string) => number | undefined,
): Effect[] {
  const effects: Effect[] = []
  for (const chat of state.chats.values()) if (!Object.hasOwn(listings, chat.id)) effects.push(...forget(state, chat))
  for (const listing of Object.values(listings)) {
    const chat = state.chats.get(listing.id)
    if (!chat) state.chats.set(listing.id, newChatState(listing))
    else effects.push(...mergeChat({ state, chat, heldRev: wholeUpTo(chat.id) ?? chat.rev }, listing))
  }
  return effects
}

function forget(state: AppState, { id, name, ...chat }: ChatState): Effect[] {
  const wasMine = Object.hasOwn(chat.members, state.me.userId)
  removeChat(state, id)
  return wasMine ? [{ kind: 'removed', chatId: id, name }] : []
}

interface Merged {
  state: AppState
  chat: ChatState
  /** Up to here the log is whole. */
  heldRev: number
}

function mergeChat({ state, chat, heldRev }: Merged, listing: ChatListing): Effect[] {
  const me = state.me.userId
  const wasMember = isMember(chat, me)
  applyListing(chat, listing)
  if (!isMember(chat, me)) {
    if (wasMember) forgetContents(chat)
    return []
  }
  const missed = listing.rev - heldRev
  // A log of before I came in, one far behind, or one of another world (the server was set back) begins anew.
  if (!wasMember || missed > missedMax || missed < 0) {
    resetLog(chat)
    return [{ kind: 'entered', chatId: chat.id }]
  }
  const isBehind = missed > 0 && chat.log.status === 'loaded' && chat.history === 'kept'
  return isBehind ? [{ kind: 'behind', chatId: chat.id, from: heldRev }] : []
}
