import type { TokenCredential } from '@azure/core-auth'
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables'
import { createTable, type Table } from './table.ts'
import { createTurns, type Turns } from './turns.ts'

/** The storage account: by name and identity, as on Azure, or with a key in a connection string. */
export type Account = { endpoint: string; credential: TokenCredential } | { connectionString: string }

export interface StorageOptions {
  account: Account
  /** Begins the name of every table. */
  tablePrefix: string
  /** Beyond this an operation, with the SDK's retries, has failed. */
  operationTimeoutMs: number
  client: TableServiceClientOptions
}

const names = ['chats', 'users', 'messages', 'memberships', 'connections', 'removals'] as const

/** What the parts of the store share. */
export type Storage = Readonly<Record<(typeof names)[number], Table>> & {
  turns: Turns
  /** Milliseconds since 1970. */
  clock: () => number
}

/** Opens the tables, and creates those that are not there. */
export async function openStorage(options: StorageOptions, clock: () => number): Promise<Storage> {
  const opened = names.map((name) => [name, createClient(name, options)] as const)
  await Promise.all(opened.map(([, client]) => client.createTable()))
  // Made from `names`, one for each.
  const tables = Object.fromEntries(opened.map(([name, client]) => [name, createTable(client)])) as Omit<
    Storage,
    'turns' | 'clock'
  >
  return { ...tables, turns: createTurns(), clock }
}

function createClient(name: string, { account, tablePrefix, operationTimeoutMs, client }: StorageOptions): TableClient {
  const options: TableServiceClientOptions = {
    // A chat that waits longer than a second or two between attempts has failed for the one who is waiting.
    retryOptions: { maxRetries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 },
    ...client,
    additionalPolicies: [
      ...(client.additionalPolicies ?? []),
      { position: 'perCall', policy: boundTime(operationTimeoutMs) },
    ],
  }
  const table = tablePrefix + name
  return 'credential' in account
    ? new TableClient(account.endpoint, table, account.credential, options)
    : TableClient.fromConnectionString(account.connectionString, table, options)
}

type Policy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy']

/** Retries included: also a `Retry-After` that is longer than anybody waits ends here. */
const boundTime = (timeoutMs: number): Policy => ({
  name: 'boundTime',
  sendRequest: (request, next) => {
    request.abortSignal ??= AbortSignal.timeout(timeoutMs)
    return next(request)
  },
})
