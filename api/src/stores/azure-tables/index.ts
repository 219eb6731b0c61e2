import type { TableServiceClientOptions } from '@azure/data-tables'
import type { ChatStore } from '../../ports.ts'
import { createChatList } from './chat-list.ts'
import { createChats } from './chats.ts'
import { createListings } from './listings.ts'
import { createMemberships } from './memberships.ts'
import { createMessages } from './messages.ts'
import { createRemover } from './remover.ts'
import { createRenames } from './rename.ts'
import { type Account, openStorage } from './storage.ts'
import { createUsers } from './users.ts'
import { whileOpen } from './while-open.ts'

export type AzureTablesStoreOptions = Account & {
  /** Begins the name of every table, so that several Chatrs can share a storage account. Letters and digits. */
  tablePrefix?: string
  /** An operation of the storage has failed after this time, retries included. Default: 8 s. */
  operationTimeoutMs?: number
  /** And all that one verb does after this. What it had begun may still come about. Default: 20 s. */
  verbTimeoutMs?: number
  /** Milliseconds since 1970. */
  clock?: () => number
  /** Further settings of the SDK: policies, retries, a proxy. */
  client?: TableServiceClientOptions
}

export interface AzureTablesStore extends ChatStore {
  /** Removes what removed chats have left on the storage when a process ended too early. For a timer. */
  sweep(): Promise<void>
}

/**
 * Opens the chat's memory in an Azure storage account, and creates the tables that are not there. Any number of
 * processes may have it open at once. `docs/azure-tables.md` says what lies where, and how it heals after a crash.
 */
export async function openAzureTablesStore(options: AzureTablesStoreOptions): Promise<AzureTablesStore> {
  const { tablePrefix = '', operationTimeoutMs = 8_000, verbTimeoutMs = 20_000, client = {}, ...account } = options
  const clock = options.clock ?? Date.now
  const storage = await openStorage({ account, tablePrefix, operationTimeoutMs, client }, clock)
  const list = createChatList(storage)
  const memberships = createMemberships(storage)
  const remover = createRemover(storage, list)
  const parts = { storage, list, memberships, remover }
  const verbs = {
    ...createUsers(storage, createRenames(parts)),
    ...createChats(parts),
    ...createMessages(storage),
    ...createListings(parts),
    sweep: remover.sweep,
  }
  return whileOpen(verbs, { timeoutMs: verbTimeoutMs, close: remover.stop })
}
