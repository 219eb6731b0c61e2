import { type ChatContext, type Result, done } from './context.ts'
import { serverEvent } from './tell.ts'

/** One tab went idle or came back; everyone is told when that changes the person. */
export async function setIdle(isIdle: boolean, { store, pubsub, connectionId }: ChatContext): Promise<Result> {
  const { userId, wentIdle, cameBack } = await store.setIdle(connectionId, isIdle)
  if (userId === undefined) return done
  if (wentIdle) await pubsub.sendToAll(serverEvent('userIsIdle', userId))
  if (cameBack) await pubsub.sendToAll(serverEvent('userNotIdle', userId))
  return done
}
