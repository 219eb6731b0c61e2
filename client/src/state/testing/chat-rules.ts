import type { ClientEvent, ClientEventName, FailureCode, Member } from '@chatr/protocol'
import { addChat, append, tell, unreadOf } from './world.ts'
import type { World } from './world.ts'

interface Asked<Name extends ClientEventName> {
  world: World
  userId: string
  data: ClientEvent<Name>
}

type ChatRules = { [Name in ClientEventName]: (asked: Asked<Name>) => FailureCode | undefined }

/** What the backend answers to each client event, as far as a client can see it. */
export const chatRules: ChatRules = {
  createChat: ({ world, userId, data: { id, name, history = 'kept' } }) => {
    if (world.chats.has(id)) return 'Duplicate'
    const { chat } = addChat(world, { id, name, history, members: members(userId) })
    tell(world, 'all', { chatEvent: 'chatCreated', data: chat })
    return undefined
  },
  createPrivateChat: ({ world, userId, data: { targetUserId, history = 'kept' } }) => {
    const chatId = `private.${history}`
    const both = members(userId, targetUserId)
    const known = world.chats.get(chatId)
    const { chat } = known ?? addChat(world, { id: chatId, kind: 'private', history, members: both })
    const data = { chatId, userId: chat.owner, userName: chat.owner, chat }
    tell(world, known ? [userId] : [userId, targetUserId], { chatEvent: 'joinPrivateChat', data })
    return undefined
  },
  joinChat: (asked) => changeMember(asked, 'joined'),
  leaveChat: (asked) => changeMember(asked, 'left'),
  deleteChat: ({ world, userId, data: { chatId } }) => {
    if (world.chats.get(chatId)?.chat.owner !== userId) return 'Forbidden'
    world.chats.delete(chatId)
    tell(world, 'all', { chatEvent: 'chatDeleted', data: chatId })
    return undefined
  },
  userEnterIdle: () => undefined,
  userExitIdle: () => undefined,
  sendMessage,
  markRead: ({ world, userId, data: { chatId, pos } }) => {
    const stored = world.chats.get(chatId)
    if (!stored) return 'NotFound'
    stored.readPos.set(userId, Math.max(pos, stored.readPos.get(userId) ?? 0))
    tell(world, [userId], { chatEvent: 'readMoved', data: { chatId, pos, unread: unreadOf(stored, userId) } })
    return undefined
  },
}

export function sendMessage({ world, userId, data }: Asked<'sendMessage'>): FailureCode | undefined {
  const { chatId, id, text } = data
  const stored = world.chats.get(chatId)
  const from = stored?.chat.members[userId]
  if (!stored || !from) return 'Forbidden'
  const known = stored.log.find((message) => message.id === id)
  const message = known ?? append(stored, { id, kind: 'message', from, text })
  const to = known ? [userId] : Object.keys(stored.chat.members)
  tell(world, to, { chatEvent: 'message', data: { chatId, rev: stored.chat.rev, message } })
  return undefined
}

function changeMember(
  { world, userId, data: { chatId } }: Asked<'joinChat'> | Asked<'leaveChat'>,
  change: 'joined' | 'left',
): FailureCode | undefined {
  const stored = world.chats.get(chatId)
  if (!stored) return 'NotFound'
  const { chat } = stored
  const member = { userId, userName: userId }
  const to = [...Object.keys(chat.members), userId]
  if (change === 'joined') chat.members[userId] = member
  else delete chat.members[userId]
  const entry = { id: crypto.randomUUID(), kind: change, from: member, text: '' }
  const message = chat.history === 'kept' ? append(stored, entry) : undefined
  if (!message) chat.rev++
  const data = { chatId, rev: chat.rev, change, member, ...(message && { message }) }
  tell(world, to, { chatEvent: 'memberChanged', data })
  return undefined
}

const members = (...userIds: string[]): Record<string, Member> =>
  Object.fromEntries(userIds.map((userId) => [userId, { userId, userName: userId }]))
