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
    await (isMember ? admit : dismiss)(backend, userId, chatId)
    const isMemberAfterwards = await isMemberNow(backend, userId, chatId)
    if (isMemberAfterwards === isMember) return
    isMember = isMemberAfterwards
  }
}

/** Only so that he hears what is said; permissions are settled afterwards. */
export const enterGroup = ({ pubsub }: Backend, userId: string, chatId: string): Promise<void> =>
  unlessRefused(pubsub.group(chatId).addUser(userId))

/** Only so that he hears no more; permissions are settled afterwards. */
export const exitGroup = ({ pubsub }: Backend, userId: string, chatId: string): Promise<void> =>
  unlessRefused(pubsub.group(chatId).removeUser(userId))

const isMemberNow = async ({ store }: Backend, userId: string, chatId: string) =>
  (await store.chatIdsOf(userId)).includes(chatId)

async function admit(backend: Backend, userId: string, chatId: string): Promise<void> {
  const { store, pubsub } = backend
  await enterGroup(backend, userId, chatId)
  const connectionIds = await store.connectionsOf(userId)
  const options = { targetName: chatId }
  await Promise.all(connectionIds.map((id) => unlessRefused(pubsub.grantPermission(id, 'sendToGroup', options))))
}

async function dismiss(backend: Backend, userId: string, chatId: string): Promise<void> {
  const { store, pubsub } = backend
  await exitGroup(backend, userId, chatId)
  const connectionIds = await store.connectionsOf(userId)
  const options = { targetName: chatId }
  await Promise.all(connectionIds.map((id) => unlessRefused(pubsub.revokePermission(id, 'sendToGroup', options))))
}

/**
 * 404: the connection, or the user's last one, is gone by now; the next one is told its chats when it connects. 409: it
 * may send to a thousand groups already; what is kept still goes through the backend.
 */
async function unlessRefused(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof Error && 'statusCode' in error && refusals.has(error.statusCode))) throw error
  }
}

const refusals = new Set<unknown>([404, 409])
