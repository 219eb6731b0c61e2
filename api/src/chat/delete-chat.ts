import type { ClientEvent } from '@chatr/protocol'
import { type ChatContext, type Result, done, noSuchChat } from './context.ts'
import { dissolveGroup } from './membership.ts'
import { isVisible, whyNotDelete } from './rules.ts'
import { serverEvent } from './tell.ts'

export async function deleteChat({ chatId }: ClientEvent<'deleteChat'>, context: ChatContext): Promise<Result> {
  const { store, pubsub, userId } = context
  const chat = await store.findChat(chatId)
  if (!isVisible(chat, userId)) return noSuchChat(chatId)
  const refusal = whyNotDelete(chat, userId)
  if (refusal !== undefined) return { ok: false, refusal }
  if ((await store.deleteChat(chatId)) === 'missing') return noSuchChat(chatId)
  const memberIds = Object.keys(chat.members)
  await dissolveGroup(context, chatId, memberIds)
  const event = serverEvent('chatDeleted', chatId)
  if (chat.kind === 'group') await pubsub.sendToAll(event)
  else await Promise.all(memberIds.map((member) => pubsub.sendToUser(member, event)))
  return done
}
