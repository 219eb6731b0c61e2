import type { ConnectAnswer, ConnectRequest } from './chat-events.ts'
import type { Backend, Comer } from './context.ts'
import { sendRole, settleMembership } from './membership.ts'
import { formatMemberships, membershipsChanged } from './memberships-state.ts'
import { serverEvent } from './tell.ts'

/** Lets in whoever has been signed in here, with the groups and roles of his chats as they are now. */
export async function connect({ store }: Backend, { userId }: Pick<ConnectRequest, 'userId'>): Promise<ConnectAnswer> {
  if (userId === undefined || (await store.findUser(userId)) === undefined) return { accept: false, status: 401 }
  const chatIds = await store.chatIdsOf(userId)
  return {
    accept: true,
    userId,
    groups: chatIds,
    roles: chatIds.map(sendRole),
    state: await formatMemberships(chatIds),
  }
}

export async function connected(backend: Backend, context: Comer): Promise<void> {
  const { connectionId, userId, state } = context
  if (userId === undefined) return
  const { store, pubsub, unheard } = backend
  // Until all of it is done: what fails halfway is done again.
  unheard.set(connectionId, context)
  const { cameOnline, cameBack } = await store.addConnection(connectionId, userId)
  const user = cameOnline ? await store.findUser(userId) : undefined
  if (user !== undefined) await pubsub.sendToAll(serverEvent('userOnline', { ...user, idle: false }))
  if (cameBack) await pubsub.sendToAll(serverEvent('userNotIdle', userId))
  await repairMemberships(backend, userId, state)
  unheard.delete(connectionId)
}

export async function disconnected({ store, pubsub, unheard }: Backend, context: Comer): Promise<void> {
  const { connectionId } = context
  unheard.set(connectionId, context)
  const { userId, wentOffline, wentIdle } = await store.removeConnection(connectionId)
  unheard.delete(connectionId)
  if (userId === undefined) return
  if (wentOffline) await pubsub.sendToAll(serverEvent('userOffline', userId))
  if (wentIdle) await pubsub.sendToAll(serverEvent('userIsIdle', userId))
}

/**
 * A chat that he joined or left after `connect` was answered passed the new connection by: it was not known yet. From
 * here on it is, so one comparison is enough.
 */
async function repairMemberships(backend: Backend, userId: string, state: string | undefined): Promise<void> {
  const changed = await membershipsChanged(state, await backend.store.chatIdsOf(userId))
  if (changed === 'unknown') {
    await backend.pubsub.closeUserConnections(userId, { reason: 'the chats changed while connecting' })
    return
  }
  for (const chatId of changed) await settleMembership(backend, userId, chatId)
}
