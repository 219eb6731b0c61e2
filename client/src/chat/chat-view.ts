import type { Member } from '@chatr/protocol'
import type { AppState, ChatState } from '../state/types.ts'

/** The other one of a private chat. */
export function otherOf(chat: ChatState, me: string): Member | undefined {
  return Object.values(chat.members).find(({ userId }) => userId !== me)
}

/** What a chat is called on this screen: a private one by the other's name. */
export function titleOf(chat: ChatState, me: string): string {
  return chat.kind === 'private' ? (otherOf(chat, me)?.userName ?? chat.name) : chat.name
}

/** The owner first, then who is online, then by name. */
export function sortedMembers(chat: ChatState, online: AppState['online']): Member[] {
  const weigh = ({ userId }: Member) => (userId === chat.owner ? 0 : online.has(userId) ? 1 : 2)
  return Object.values(chat.members).sort((a, b) => weigh(a) - weigh(b) || a.userName.localeCompare(b.userName))
}

const activityOf = (chat: ChatState) => {
  const spoken = chat.relayed.at(-1)?.at ?? ''
  const kept = chat.last?.at ?? chat.createdAt
  return spoken > kept ? spoken : kept
}
export const byActivity = (a: ChatState, b: ChatState) => (activityOf(a) < activityOf(b) ? 1 : -1)

/** "4 members". */
export function sayCount({ members }: ChatState): string {
  const count = Object.keys(members).length
  return `${count.toLocaleString('en')} ${count === 1 ? 'member' : 'members'}`
}

/** "4 members, 3 online". */
export function sayMembers(chat: ChatState, online: AppState['online']): string {
  const here = Object.keys(chat.members).filter((userId) => online.has(userId)).length
  return `${sayCount(chat)}, ${here.toLocaleString('en')} online`
}
