import type { Backend } from './context.ts'

/** The one role that the chat gives: to say something, past the backend, in one chat. */
export const sendRole = (chatId: string): string => `webpubsub.sendToGroup.${chatId}`

/**
 * Brings a user's connections into a chat's group, with the permission to send there, or out of it, as the store says.
 * Whatever ran beside it (he joined in one tab and left in another), the last one to finish has seen the final state.
 */
export async function settleMembership(backend: Backend, userId: string, chatId: string): Promise<void> {
  let isMember = await isMemberNow(backend, userId, chatId)
  for (;;) {
    await (isMember ? enterGroup : exitGroup)(backend, userId, chatId)
    const isMemberAfterwards = await isMemberNow(backend, userId, chatId)
    if (isMemberAfterwards === isMember) return
    isMember = isMemberAfterwards
  }
}

/** Takes everyone out of the group of a chat that is gone. `members` are those who might hold a permission. */
export async function dissolveGroup(backend: Backend, chatId: string, members: readonly string[]): Promise<void> {
  await backend.pubsub.removeConnectionsFromGroups([chatId], '')
  await Promise.all(members.map((userId) => revokeAll(backend, userId, chatId)))
}

const isMemberNow = async ({ store }: Backend, userId: string, chatId: string) =>
  (await store.chatIdsOf(userId)).includes(chatId)

async function enterGroup({ store, pubsub }: Backend, userId: string, chatId: string): Promise<void> {
  await unlessGone(pubsub.group(chatId).addUser(userId))
  const connectionIds = await store.connectionsOf(userId)
  const options = { targetName: chatId }
  await Promise.all(connectionIds.map((id) => unlessGone(pubsub.grantPermission(id, 'sendToGroup', options))))
}

async function exitGroup(backend: Backend, userId: string, chatId: string): Promise<void> {
  await revokeAll(backend, userId, chatId)
  await unlessGone(backend.pubsub.group(chatId).removeUser(userId))
}

async function revokeAll({ store, pubsub }: Backend, userId: string, chatId: string): Promise<void> {
  const connectionIds = await store.connectionsOf(userId)
  const options = { targetName: chatId }
  await Promise.all(connectionIds.map((id) => unlessGone(pubsub.revokePermission(id, 'sendToGroup', options))))
}

/** 404: the connection, or the user's last one, is gone by now. The next one is told its chats when it connects. */
async function unlessGone(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error
  }
}
