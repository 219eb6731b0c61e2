import * as z from 'zod/mini'
import type { PresenceChange } from '../../ports.ts'
import { gather, spread } from './chunks.ts'
import { contend } from './contend.ts'
import { keyOf, listPartition } from './keys.ts'
import { readUser } from './rows.ts'
import type { Storage } from './storage.ts'
import type { Row } from './table.ts'

/** Whether each of somebody's connections is idle. */
export type Connections = Map<string, boolean>

export type Presence = 'offline' | 'idle' | 'active'

const ConnectionsJson = z.compile(z.array(z.tuple([z.string(), z.boolean()])))

export function presenceOf(connections: Connections): Presence {
  if (connections.size === 0) return 'offline'
  return [...connections.values()].every(Boolean) ? 'idle' : 'active'
}

export const readConnections = (row: Row): Connections =>
  new Map(ConnectionsJson.parse(JSON.parse(gather('connections', row) ?? '[]')))

export interface Changed {
  before: Presence
  after: Presence
}

/**
 * Changes somebody's connections, all of which stand in his row: whoever writes it knows them all, and one of many who
 * come at once is the first. `undefined` for one who is not known. `change` says whether there is anything to write.
 */
export async function changePresence(
  { users, turns }: Storage,
  userId: string,
  change: (connections: Connections) => boolean | Promise<boolean>,
): Promise<Changed | undefined> {
  const attempt = crypto.randomUUID()
  const rowKey = await keyOf(userId)
  let tried: Changed | undefined
  const found = await turns(`user ${userId}`, () =>
    contend(async (): Promise<{ changed: Changed | undefined } | undefined> => {
      const row = await users.find(listPartition, rowKey)
      if (row === undefined) return { changed: undefined }
      // The attempt before has been made after all: only its answer was lost.
      if (tried !== undefined && row['attempt'] === attempt) return { changed: tried }
      const connections = readConnections(row)
      const before = presenceOf(connections)
      if (!(await change(connections))) return { changed: { before, after: before } }
      tried = { before, after: presenceOf(connections) }
      const etag = await users.replace(rowOf(row, connections, attempt), row.etag)
      return etag === undefined ? undefined : { changed: tried }
    }),
  )
  return found.changed
}

function rowOf(row: Row, connections: Connections, attempt: string) {
  const { userId, userName, userProvider } = readUser(row)
  const presence = presenceOf(connections)
  return {
    partitionKey: row.partitionKey,
    rowKey: row.rowKey,
    userId,
    userName,
    userProvider,
    idle: presence === 'idle',
    online: presence !== 'offline',
    ...spread('connections', JSON.stringify([...connections])),
    attempt,
  }
}

export const noChange = { wentOffline: false, wentIdle: false, cameBack: false }

export const toPresenceChange = (userId: string, { before, after }: Changed): PresenceChange => ({
  userId,
  wentOffline: before !== 'offline' && after === 'offline',
  wentIdle: before === 'active' && after === 'idle',
  cameBack: before === 'idle' && after === 'active',
})
