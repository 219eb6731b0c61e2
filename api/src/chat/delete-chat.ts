import type { ClientEvent } from '@chatr/protocol'
import { type ChatContext, type Result, done, noSuchChat } from './context.ts'
import { settleMembership } from './membership.ts'
import { isVisible, whyNotDelete } from './rules.ts'
import { serverEvent } from './tell.ts'

export async function deleteChat({ chatId }: ClientEvent<'deleteChat'>, context: ChatContext): Promise<Result> {
  const { store, pubsub, userId } = context
  const chat = await store.findChat(chatId)
  if (!isVisible(chat, userId)) return noSuchChat(chatId)
  const refusal = whyNotDelete(chat, userId)
  if (refusal !== undefined) return { ok: false, refusal }
  // Of this owner: who was asked about above may be gone by now, and another's chat stand in its place.
  const deleted = await store.deleteChat(chatId, chat.owner)
  if (deleted.outcome === 'missing') return noSuchChat(chatId)
  const event = serverEvent('chatDeleted', chatId)
  // Begun in the turn of the commit: a new chat of that id comes after this.
  await Promise.all([
    pubsub.removeConnectionsFromGroups([chatId], ''),
    ...(chat.kind === 'group'
      ? [pubsub.sendToAll(event)]
      : deleted.memberIds.map((userId) => pubsub.sendToUser(userId, event))),
  ])
  for (const memberId of deleted.memberIds) await settleMembership(context, memberId, chatId)
  return done
}
