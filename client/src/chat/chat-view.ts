import type { Member } from '@chatr/protocol'
import type { AppState, ChatState } from '../state/types.ts'

export { isMember } from '../state/chat-state.ts'

/** The other one of a private chat. */
export function otherOf(chat: ChatState, me: string): Member | undefined {
  return Object.values(chat.members).find(({ userId }) => userId !== me)
}

/** What a chat is called on this screen: a private one by the other's name. */
export function titleOf(chat: ChatState, me: string): string {
  return chat.kind === 'private' ? (otherOf(chat, me)?.userName ?? chat.name) : chat.name
}

/** "Ana (you)" where needed is the template's word; here members stand owner first, then online, then by name. */
export function sortedMembers(chat: ChatState, online: AppState['online']): Member[] {
  const weigh = ({ userId }: Member) => (userId === chat.owner ? 0 : online.has(userId) ? 1 : 2)
  return Object.values(chat.members).sort((a, b) => weigh(a) - weigh(b) || a.userName.localeCompare(b.userName))
}

export const countOnline = (chat: ChatState, online: AppState['online']) =>
  Object.keys(chat.members).filter((userId) => online.has(userId)).length

const activityOf = (chat: ChatState) => {
  const spoken = chat.relayed.at(-1)?.at ?? ''
  const kept = chat.last?.at ?? chat.createdAt
  return spoken > kept ? spoken : kept
}
export const byActivity = (a: ChatState, b: ChatState) => (activityOf(a) < activityOf(b) ? 1 : -1)

export const people = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'member' : 'members'}`
