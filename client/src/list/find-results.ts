import type { OnlineUser } from '@chatr/protocol'
import { otherOf, titleOf } from '../chat/chat-view.ts'
import type { AppState, ChatState } from '../state/types.ts'
import { sectionsOf } from './sections.ts'

export type FindResult =
  | { kind: 'chat'; key: string; chat: ChatState; isJoined: boolean }
  | { kind: 'person'; key: string; user: OnlineUser }

/** More than anyone looks through; typing on narrows it down. */
const resultsMax = 50

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** How well a name fits: 0 begins with the words, 1 a word in it does, 2 it holds them, nothing when not at all. */
function rank(name: string, query: string): number | undefined {
  const at = fold(name).indexOf(query)
  if (at === -1) return undefined
  if (at === 0) return 0
  return /[\p{L}\p{N}]/u.test(fold(name)[at - 1] ?? '') ? 2 : 1
}

/** Everything to jump to: my chats first, then people, then group chats to join. `joinable` leaves only the last. */
function candidates(state: Pick<AppState, 'chats' | 'me' | 'online'>, scope: 'all' | 'joinable'): FindResult[] {
  const { joined, privates, others } = sectionsOf(state)
  const asResult = (isJoined: boolean) => (chat: ChatState) =>
    ({ kind: 'chat', key: `chat-${chat.id}`, chat, isJoined }) as const
  const toJoin = others.map(asResult(false))
  if (scope === 'joinable') return toJoin
  // Somebody whom I have a private chat with is found by that.
  const known = new Set([state.me.userId, ...privates.map((chat) => otherOf(chat, state.me.userId)?.userId)])
  const people = [...state.online.values()]
    .filter(({ userId }) => !known.has(userId))
    .map((user) => ({ kind: 'person', key: `person-${user.userId}`, user }) as const)
  return [...[...joined, ...privates].map(asResult(true)), ...people, ...toJoin]
}

/** What fits the words, best first; without words everything in its usual order. At most 50. */
export function findResults(
  state: Pick<AppState, 'chats' | 'me' | 'online'>,
  words: string,
  scope: 'all' | 'joinable' = 'all',
): FindResult[] {
  const query = fold(words.trim())
  const nameOf = (result: FindResult) =>
    result.kind === 'person' ? result.user.userName : titleOf(result.chat, state.me.userId)
  return candidates(state, scope)
    .map((result) => ({ result, rank: rank(nameOf(result), query) }))
    .filter((found) => found.rank !== undefined)
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    .slice(0, resultsMax)
    .map(({ result }) => result)
}
