import { connected, disconnected } from './connect.ts'
import type { Backend, Comer } from './context.ts'

/** `unheard`: of what an outage swallowed in this process; `all`: of every connection that is remembered. */
export type HealingScope = 'unheard' | 'all'

/**
 * Brings what is remembered of the connections back to the service's truth, after an outage swallowed that one came or
 * went, or it was told in the wrong order. Changes nothing where the two agree. Rejects when one of them cannot be asked.
 */
export async function healPresence(backend: Backend, scope: HealingScope): Promise<void> {
  for (const comer of backend.unheard.values()) {
    await ((await backend.pubsub.connectionExists(comer.connectionId)) ? connected : disconnected)(backend, comer)
  }
  if (scope === 'all') for (const comer of await remembered(backend)) await dropIfGone(backend, comer)
}

async function remembered({ store }: Backend): Promise<Comer[]> {
  const users = await store.onlineUsers()
  const ids = await Promise.all(users.map(({ userId }) => store.connectionsOf(userId)))
  return ids.flat().map((connectionId) => ({ connectionId, userId: undefined, state: undefined }))
}

async function dropIfGone(backend: Backend, comer: Comer): Promise<void> {
  if (!(await backend.pubsub.connectionExists(comer.connectionId))) await disconnected(backend, comer)
}
