import type { ClientEvent, Member, Message } from '@chatr/protocol'
import { type ChatContext, type Result, done, newEntry, noSuchChat, refuse } from './context.ts'
import { enterGroup, settleMembership } from './membership.ts'
import { isVisible } from './rules.ts'
import { serverEvent } from './tell.ts'

/** Joining twice is no error: nothing changes, and nobody hears of it. */
export async function joinChat({ chatId }: ClientEvent<'joinChat'>, context: ChatContext): Promise<Result> {
  const { store, userId } = context
  if (!isVisible(await store.findChat(chatId), userId)) return noSuchChat(chatId)
  const user = await store.findUser(userId)
  if (user === undefined) return refuse('Forbidden', 'you are not known here')
  const member = { userId, userName: user.userName }
  const joined = await store.addMember(chatId, member, newEntry(context))
  if (joined.outcome === 'missing') return noSuchChat(chatId)
  if (joined.outcome === 'added') await arrive(context, { chatId, member, joined })
  await settleMembership(context, userId, chatId)
  return done
}

interface Arrival {
  chatId: string
  member: Member
  joined: { rev: number; message: Message | undefined }
}

/**
 * The others are told, and he comes in, in the turn of the commit: what is said right after it is for him as well. He is
 * told once he is inside, so that whoever then looks what he missed misses nothing.
 */
async function arrive(context: ChatContext, { chatId, member, joined }: Arrival): Promise<void> {
  const { pubsub, userId } = context
  const { rev, message } = joined
  const data = { chatId, rev, change: 'joined', member, ...(message && { message }) } as const
  const event = serverEvent('memberChanged', data)
  await Promise.all([pubsub.group(chatId).sendToAll(event), enterGroup(context, userId, chatId)])
  await pubsub.sendToUser(userId, event)
}
