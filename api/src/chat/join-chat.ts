import type { ClientEvent } from '@chatr/protocol'
import { type ChatContext, type Result, done, newEntry, noSuchChat, refuse } from './context.ts'
import { settleMembership } from './membership.ts'
import { isVisible } from './rules.ts'
import { serverEvent } from './tell.ts'

/** Joining twice is no error: nothing changes, and nobody hears of it. */
export async function joinChat({ chatId }: ClientEvent<'joinChat'>, context: ChatContext): Promise<Result> {
  const { store, pubsub, userId } = context
  if (!isVisible(await store.findChat(chatId), userId)) return noSuchChat(chatId)
  const user = await store.findUser(userId)
  if (user === undefined) return refuse('Forbidden', 'you are not known here')
  const member = { userId, userName: user.userName }
  const joined = await store.addMember(chatId, member, newEntry(context))
  if (joined.outcome === 'missing') return noSuchChat(chatId)
  await settleMembership(context, userId, chatId)
  if (joined.outcome === 'already') return done
  const { rev, message } = joined
  await pubsub
    .group(chatId)
    .sendToAll(serverEvent('memberChanged', { chatId, rev, change: 'joined', member, ...(message && { message }) }))
  return done
}
