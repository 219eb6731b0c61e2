import type { Chat, ClientEvent, Message } from '@chatr/protocol'
import { type ChatContext, type Result, done, newEntry, noSuchChat, refuse } from './context.ts'
import { exitGroup, settleMembership } from './membership.ts'
import { isVisible, whyNotLeave } from './rules.ts'
import { serverEvent } from './tell.ts'

/** The owner may leave as well; the chat stays his. */
export async function leaveChat({ chatId }: ClientEvent<'leaveChat'>, context: ChatContext): Promise<Result> {
  const { store, userId } = context
  const chat = await store.findChat(chatId)
  if (!isVisible(chat, userId)) return noSuchChat(chatId)
  const refusal = whyNotLeave(chat)
  if (refusal !== undefined) return { ok: false, refusal }
  const left = await store.removeMember(chatId, userId, newEntry(context))
  if (left.outcome === 'missing') return noSuchChat(chatId)
  if (left.outcome === 'removed') await depart(context, chat, left)
  // Also for one who is out already: an earlier attempt may have ended halfway.
  await settleMembership(context, userId, chatId)
  return left.outcome === 'removed' ? done : refuse('Forbidden', `you are not in the chat ${chatId}`)
}

/**
 * Out of the group and told, all begun in the turn of the commit: what is said right after it is not for him, and should
 * he join again at once, that comes after this.
 */
async function depart(
  context: ChatContext,
  before: Chat,
  { rev, message }: { rev: number; message: Message | undefined },
): Promise<void> {
  const { pubsub, userId } = context
  const member = before.members[userId] ?? message?.from ?? { userId, userName: '' }
  const data = { chatId: before.id, rev, change: 'left', member, ...(message && { message }) } as const
  const event = serverEvent('memberChanged', data)
  await Promise.all([
    exitGroup(context, userId, before.id),
    pubsub.sendToUser(userId, event),
    pubsub.group(before.id).sendToAll(event),
  ])
}
