import type { ClientEvent } from '@chatr/protocol'
import { type ChatContext, type Result, done, noSuchChat } from './context.ts'
import { refuseOutsider } from './refuse-outsider.ts'
import { serverEvent } from './tell.ts'

export async function markRead({ chatId, pos }: ClientEvent<'markRead'>, context: ChatContext): Promise<Result> {
  const { store, pubsub, userId } = context
  const read = await store.moveRead(chatId, userId, pos)
  if (read.outcome === 'missing') return noSuchChat(chatId)
  if (read.outcome === 'not-member') return refuseOutsider(chatId, context)
  if (read.outcome === 'moved') {
    await pubsub.sendToUser(userId, serverEvent('readMoved', { chatId, pos: read.pos, unread: read.unread }))
  }
  return done
}
