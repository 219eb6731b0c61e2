import { odata } from '@azure/data-tables'
import type { User } from '@chatr/protocol'
import type { ChatStore, PresenceChange } from '../../ports.ts'
import { inParallel } from './in-parallel.ts'
import { keyOf, listPartition } from './keys.ts'
import {
  changePresence,
  type Connections,
  noChange,
  presenceOf,
  readConnections,
  toPresenceChange,
} from './presence.ts'
import type { Renames } from './rename.ts'
import { readConnection, readUser } from './rows.ts'
import type { Storage } from './storage.ts'
import type { Row } from './table.ts'

type Verbs = 'saveUser' | 'findUser' | 'addConnection' | 'removeConnection' | 'setIdle'
type Lists = 'connectionsOf' | 'onlineUsers' | 'clearConnections'

/** Who there is, and who of them is online. */
export function createUsers(storage: Storage, renames: Renames): Pick<ChatStore, Verbs | Lists> {
  const { users } = storage
  const find = async (userId: string) => users.find(listPartition, await keyOf(userId))
  return {
    ...createConnections(storage),
    saveUser: async (user) => {
      const keys = { partitionKey: listPartition, rowKey: await keyOf(user.userId) }
      await Promise.all([users.upsert({ ...keys, ...toUser(user) }), renames.rename(user)])
    },
    findUser: async (userId) => {
      const row = await find(userId)
      return row && toUser(readUser(row))
    },
    connectionsOf: async (userId) => {
      const row = await find(userId)
      return row === undefined ? [] : [...readConnections(row).keys()].toSorted()
    },
    onlineUsers: async () =>
      (await online(storage)).map((row) =>
        Object.assign(toUser(readUser(row)), { idle: presenceOf(readConnections(row)) === 'idle' }),
      ),
  }
}

const toUser = ({ userId, userName, userProvider }: User): User => ({ userId, userName, userProvider })

const online = ({ users }: Storage): Promise<Row[]> =>
  users.list({ partition: listPartition, where: odata`online eq ${true}` })

/** Where a connection's user is found by its id alone. */
const connectionKey = 'user'

type Connected = Pick<ChatStore, 'addConnection' | 'removeConnection' | 'setIdle' | 'clearConnections'>

function createConnections(storage: Storage): Connected {
  const { connections } = storage
  const forget = async (id: string) => void (await connections.remove(await keyOf(id), connectionKey))
  return {
    addConnection: async (connectionId, userId) => {
      const keys = { partitionKey: await keyOf(connectionId), rowKey: connectionKey }
      const findable = connections.upsert({ ...keys, connectionId, userId })
      // His own row comes after it: a connection that nobody could find would never end.
      const change = changePresence(storage, userId, (all) => findable.then(() => add(all, connectionId)))
      const [changed] = await Promise.all([change, findable])
      if (changed === undefined) throw new Error('a connection of somebody who was not saved')
      const { before, after } = changed
      return { cameOnline: before === 'offline', cameBack: before === 'idle' && after === 'active' }
    },
    removeConnection: async (connectionId) => {
      const change = await changeOne(storage, connectionId, (all) => all.delete(connectionId))
      if (change.userId !== undefined) await forget(connectionId)
      return change
    },
    setIdle: (connectionId, idle) =>
      changeOne(storage, connectionId, (all) => {
        if (all.get(connectionId) === idle) return false
        all.set(connectionId, idle)
        return true
      }),
    clearConnections: async () => {
      await inParallel(await online(storage), async (row) => {
        const gone = [...readConnections(row).keys()]
        await changePresence(storage, readUser(row).userId, (all) => gone.filter((id) => all.delete(id)).length > 0)
        await inParallel(gone, forget)
      })
    },
  }
}

function add(connections: Connections, connectionId: string): boolean {
  if (connections.has(connectionId)) return false
  connections.set(connectionId, false)
  return true
}

async function changeOne(
  storage: Storage,
  connectionId: string,
  change: (connections: Connections) => boolean,
): Promise<PresenceChange> {
  const row = await storage.connections.find(await keyOf(connectionId), connectionKey)
  if (row === undefined) return { userId: undefined, ...noChange }
  const { userId } = readConnection(row)
  let isKnown = false
  const changed = await changePresence(storage, userId, (connections) => {
    isKnown = connections.has(connectionId)
    return isKnown && change(connections)
  })
  return changed === undefined || !isKnown ? { userId: undefined, ...noChange } : toPresenceChange(userId, changed)
}
