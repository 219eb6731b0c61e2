import type { OnlineUser, User } from '@chatr/protocol'
import type { ChatStore, PresenceChange } from '../../ports.ts'
import type { Sqlite } from './sqlite.ts'

type Presence = 'offline' | 'idle' | 'active'
type Verbs = 'saveUser' | 'findUser' | 'addConnection' | 'removeConnection' | 'setIdle'
type Lists = 'connectionsOf' | 'onlineUsers' | 'clearConnections'

/** Who there is, and who of them is online. */
export function createUsers(sqlite: Sqlite): Pick<ChatStore, Verbs | Lists> {
  const { prepare, write } = sqlite
  const insertUser = prepare<null, [string, string, string]>(
    'INSERT INTO users (id, name, provider) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET name = ?2, provider = ?3',
  )
  const renameMember = prepare<null, [string, string]>('UPDATE members SET name = ?2 WHERE user = ?1 AND name <> ?2')
  const selectUser = prepare<User, [string]>(
    'SELECT id AS userId, name AS userName, provider AS userProvider FROM users WHERE id = ?',
  )
  const selectOnline = prepare<User & { idle: number }, []>(
    `SELECT id AS userId, name AS userName, provider AS userProvider, min(idle) AS idle
     FROM users JOIN (SELECT user, idle FROM connections) ON user = id GROUP BY id`,
  )

  return {
    ...createConnections(sqlite),
    saveUser: ({ userId, userName, userProvider }) =>
      write(() => {
        insertUser.run(userId, userName, userProvider)
        renameMember.run(userId, userName)
      }),
    findUser: async (userId) => selectUser.get(userId) ?? undefined,
    onlineUsers: async () => selectOnline.all().map((row): OnlineUser => Object.assign(row, { idle: row.idle === 1 })),
  }
}

function createConnections({ prepare, write }: Sqlite) {
  const insert = prepare<null, [string, string]>(
    'INSERT INTO connections (id, user) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const remove = prepare<null, [string]>('DELETE FROM connections WHERE id = ?')
  const updateIdle = prepare<null, [string, number]>('UPDATE connections SET idle = ?2 WHERE id = ?1')
  const selectUserOf = prepare<{ user: string }, [string]>('SELECT user FROM connections WHERE id = ?')
  const selectIds = prepare<{ id: string }, [string]>('SELECT id FROM connections WHERE user = ? ORDER BY id')
  const removeAll = prepare<null, []>('DELETE FROM connections')
  const count = prepare<{ idle: number | null }, [string]>('SELECT min(idle) AS idle FROM connections WHERE user = ?')

  const presenceOf = (user: string): Presence => {
    const idle = count.get(user)?.idle ?? undefined
    if (idle === undefined) return 'offline'
    return idle === 1 ? 'idle' : 'active'
  }

  const change = (connectionId: string, apply: () => void) =>
    write((): PresenceChange => {
      const userId = selectUserOf.get(connectionId)?.user
      if (userId === undefined) return { userId, wentOffline: false, wentIdle: false, cameBack: false }
      const before = presenceOf(userId)
      apply()
      const after = presenceOf(userId)
      return {
        userId,
        wentOffline: after === 'offline',
        wentIdle: before === 'active' && after === 'idle',
        cameBack: before === 'idle' && after === 'active',
      }
    })

  return {
    addConnection: (connectionId: string, userId: string) =>
      write(() => {
        const before = presenceOf(userId)
        const isNew = insert.run(connectionId, userId).changes > 0
        return { cameOnline: isNew && before === 'offline', cameBack: isNew && before === 'idle' }
      }),
    removeConnection: (connectionId: string) => change(connectionId, () => remove.run(connectionId)),
    setIdle: (connectionId: string, idle: boolean) =>
      change(connectionId, () => updateIdle.run(connectionId, Number(idle))),
    connectionsOf: async (userId: string) => selectIds.all(userId).map((row) => row.id),
    clearConnections: () => write(() => void removeAll.run()),
  }
}
