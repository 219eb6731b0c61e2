import type { ClientEvent } from '@chatr/protocol'
import { type ChatContext, type Result, done, newEntry, refuse } from './context.ts'
import { enterGroup, settleMembership } from './membership.ts'
import { privateIdPrefix } from './rules.ts'
import { serverEvent } from './tell.ts'

export async function createChat(
  { id, name, history = 'kept' }: ClientEvent<'createChat'>,
  context: ChatContext,
): Promise<Result> {
  const { store, pubsub, userId } = context
  if (id.startsWith(privateIdPrefix)) return refuse('BadRequest', `id: ${privateIdPrefix}… is kept for private chats`)
  const user = await store.findUser(userId)
  if (user === undefined) return refuse('Forbidden', 'you are not known here')
  const owner = { userId, userName: user.userName }
  const { id: entryId, at } = newEntry(context)
  const { outcome, chat } = await store.createChat({ id, name, kind: 'group', history, owner, entryId, at })
  // Begun in the turn of the commit: that somebody joined or removed it comes after this.
  if (outcome === 'created') {
    await Promise.all([enterGroup(context, userId, id), pubsub.sendToAll(serverEvent('chatCreated', chat))])
  }
  // His own again: the first answer may have been lost halfway, and then he is not in the group yet.
  if (outcome === 'created' || chat.owner === userId) await settleMembership(context, userId, id)
  return outcome === 'created' ? done : refuse('Duplicate', `there is a chat ${id} already`)
}
