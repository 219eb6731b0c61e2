import type { ClientEvent } from '@chatr/protocol'
import type { AppendOutcome } from '../ports.ts'
import { type ChatContext, type Result, done, noSuchChat, refuse, timestamp } from './context.ts'
import { refuseOutsider } from './refuse-outsider.ts'
import { serverEvent } from './tell.ts'

/** Done means stored: the ack goes out after the commit. */
export async function sendMessage(
  { chatId, id, text }: ClientEvent<'sendMessage'>,
  context: ChatContext,
): Promise<Result> {
  const { store, pubsub, userId, connectionId } = context
  const appended = await store.appendMessage(chatId, { id, at: timestamp(context), from: userId, text })
  if (appended.outcome === 'appended') {
    await pubsub
      .group(chatId)
      .sendToAll(serverEvent('message', { chatId, rev: appended.rev, message: appended.message }))
    return done
  }
  if (appended.outcome === 'repeated') {
    // The others have it, or ask for it when they notice the gap in rev; he may have lost the first one.
    const { rev, message } = appended
    await pubsub.sendToConnection(connectionId, serverEvent('message', { chatId, rev, message }))
    return done
  }
  return refusals[appended.outcome](chatId, context)
}

type Refused = Exclude<AppendOutcome['outcome'], 'appended' | 'repeated'>

const refusals: Record<Refused, (chatId: string, context: ChatContext) => Result | Promise<Result>> = {
  missing: noSuchChat,
  'not-member': refuseOutsider,
  conflict: () => refuse('Duplicate', 'id: another entry of the chat has it'),
  'off-record': () => refuse('Forbidden', 'this chat is off the record: use sendToGroup'),
}
