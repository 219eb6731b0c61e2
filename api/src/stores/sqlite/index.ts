import type { ChatStore } from '../../ports.ts'
import { createChats } from './chats.ts'
import { createListings } from './listings.ts'
import { createMessages } from './messages.ts'
import { openDatabase } from './open-database.ts'
import { createSqlite } from './sqlite.ts'
import { createUsers } from './users.ts'

export { StoreUnusable } from './store-unusable.ts'

export interface SqliteStoreOptions {
  /** Its folder must be there. Two more files, `-wal` and `-shm`, lie beside it while it is open. */
  file: string
  /** The file grows no further than this; writes beyond are rejected until something was deleted. Default: no bound. */
  maxBytes?: number
  /** How long a write waits for a database that another process has locked, before it is rejected. Default: 5 s. */
  busyTimeoutMs?: number
  /** Milliseconds, never going back; for the waiting above. */
  clock?: () => number
}

/**
 * Opens the chat's memory in one SQLite file, creating it where there is none. A resolved write is on the disk; writes
 * that come in together share one flush. A rejected one has changed nothing, and later ones may do well again. Throws
 * `StoreUnusable`, with one line for a person, for a file that is damaged, not Chatr's, or newer than this version.
 */
export function openSqliteStore(options: SqliteStoreOptions): ChatStore {
  const { busyTimeoutMs = 5_000, clock = () => performance.now(), ...rest } = options
  const sqlite = createSqlite(openDatabase({ ...rest, busyTimeoutMs }), { busyTimeoutMs, clock })
  return {
    ...createUsers(sqlite),
    ...createChats(sqlite),
    ...createMessages(sqlite),
    ...createListings(sqlite),
    close: sqlite.close,
  }
}
