import { odata, RestError, type TableClient, type TransactionAction } from '@azure/data-tables'

/** A row to be written; what it may hold: strings, numbers, booleans. */
interface NewRow {
  partitionKey: string
  rowKey: string
  [property: string]: string | number | boolean
}

export interface Row {
  partitionKey: string
  rowKey: string
  etag: string
  [property: string]: unknown
}

interface Scan {
  partition: string
  /** Row keys from (inclusive) and to (exclusive). */
  range?: { from: string; to: string }
  /** More conditions, made with `odata`. They narrow what is sent, not what the storage has to look at. */
  where?: string
  select?: string[]
  /** No more rows than this are fetched. */
  limit?: number
}

/** The storage looks at 1,000 rows for one answer at the most. */
const pageMax = 1_000

/**
 * One table. That a row is or is not there, or is no longer as it was read, is an answer, and a value; whatever else
 * the storage says after the SDK's retries is thrown.
 */
export interface Table {
  find: (partitionKey: string, rowKey: string) => Promise<Row | undefined>
  /** The new row's ETag; `undefined`, and nothing done, where there is one. */
  create: (row: NewRow) => Promise<string | undefined>
  /** The new ETag; `undefined`, and nothing done, where the row has another one than `etag` by now, or is gone. */
  replace: (row: NewRow, etag: string) => Promise<string | undefined>
  /** As `replace`; properties that `row` does not have stay. */
  merge: (row: NewRow, etag: string) => Promise<string | undefined>
  /** As `merge`, whatever is there. */
  upsert: (row: NewRow) => Promise<void>
  /** Whether it is gone: `false` where the row has another ETag by now. */
  remove: (partitionKey: string, rowKey: string, etag?: string) => Promise<boolean>
  /** All of it or nothing. `exists`: a row to create is there; `changed`: another one is not what it was. */
  commit: (actions: TransactionAction[]) => Promise<'done' | 'exists' | 'changed'>
  /** Rows of one partition by row key, page after page. */
  scan: (what: Scan) => AsyncGenerator<Row>
  list: (what: Scan) => Promise<Row[]>
}

export function createTable(client: TableClient): Table {
  const scan = (what: Scan) => scanTable(client, what)
  return {
    find: (partitionKey, rowKey) =>
      answer(async () => toRow(await client.getEntity(partitionKey, rowKey)), { 404: undefined }),
    create: (row) => answer(async () => etagOf(await client.createEntity(row)), { 409: undefined }),
    replace: (row, etag) =>
      answer(async () => etagOf(await client.updateEntity(row, 'Replace', { etag })), gone(undefined)),
    merge: (row, etag) =>
      answer(async () => etagOf(await client.updateEntity(row, 'Merge', { etag })), gone(undefined)),
    upsert: async (row) => void (await client.upsertEntity(row, 'Merge')),
    remove: (partitionKey, rowKey, etag = '*') =>
      answer(
        async () => {
          await client.deleteEntity(partitionKey, rowKey, { etag })
          return true
        },
        { 404: true, 412: false },
      ),
    commit: (actions) =>
      answer(
        async () => {
          await client.submitTransaction(actions)
          return 'done' as const
        },
        { 409: 'exists', ...gone('changed' as const) },
      ),
    scan,
    list: async (what) => {
      const rows: Row[] = []
      for await (const row of scan(what)) rows.push(row)
      return rows
    },
  }
}

const gone = <T>(value: T) => ({ 404: value, 412: value })

/** Only the expected statuses are answers. */
async function answer<T>(ask: () => Promise<T>, expected: Readonly<Record<number, T>>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const status = error instanceof RestError ? error.statusCode : undefined
    // A table that is not there is an outage, and no answer about a row.
    if (status === undefined || !(status in expected) || isMissingTable(error)) throw error
    return expected[status] as T
  }
}

const isMissingTable = (error: unknown) =>
  error instanceof Error && /TableNotFound|table specified/i.test(error.message)

function etagOf({ etag }: { etag?: string }): string {
  if (etag === undefined) throw new Error('the storage told no ETag')
  return etag
}

/** Every entity that was read has these three. */
const toRow = (entity: object) => entity as Row

async function* scanTable(client: TableClient, what: Scan): AsyncGenerator<Row> {
  const { partition, range, where, select, limit = Number.MAX_SAFE_INTEGER } = what
  const filter = [
    odata`PartitionKey eq ${partition}`,
    range && odata`RowKey ge ${range.from} and RowKey lt ${range.to}`,
    where && `(${where})`,
  ]
  const queryOptions = { filter: filter.filter(Boolean).join(' and '), ...(select && { select }) }
  let left = limit
  for await (const page of client.listEntities({ queryOptions }).byPage({ maxPageSize: Math.min(limit, pageMax) })) {
    for (const entity of page.slice(0, left)) yield toRow(entity)
    left -= page.length
    if (left <= 0) return
  }
}
