import type { TableServiceClientOptions } from '@azure/data-tables'
import { type Azurite, startAzurite } from '../../testing/azurite.ts'
import { type AzureTablesStore, openAzureTablesStore } from './index.ts'

type Policy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy']

interface OpenOptions {
  tablePrefix: string
  policy?: Policy
  clock?: () => number
  verbTimeoutMs?: number
}

/** Storage that is really there, and any number of stores on it. */
export interface TestStorage extends Azurite {
  /** The same prefix shows the same tables. */
  open: (options: OpenOptions) => Promise<AzureTablesStore>
}

export async function startTestStorage(): Promise<TestStorage> {
  const azurite = await startAzurite()
  return {
    ...azurite,
    open: ({ policy, ...options }) =>
      openAzureTablesStore({
        ...options,
        connectionString: azurite.connectionString,
        client: {
          allowInsecureConnection: true,
          retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 5 },
          ...(policy && { additionalPolicies: [{ position: 'perRetry', policy }] }),
        },
      }),
  }
}

let lastPrefix = 0
/** Tables that nobody has used before. */
export const newPrefix = () => `test${++lastPrefix}x`

/** Counts requests, and the round trips they take: those that are under way together are one. */
export function createCounter() {
  let [operations, trips, underWay] = [0, 0, 0]
  const policy: Policy = {
    name: 'count',
    sendRequest: async (request, next) => {
      operations++
      if (underWay === 0) trips++
      underWay++
      try {
        return await next(request)
      } finally {
        underWay--
      }
    },
  }
  const count = async (work: () => Promise<unknown>) => {
    ;[operations, trips] = [0, 0]
    await work()
    return { operations, trips }
  }
  return { policy, count }
}
