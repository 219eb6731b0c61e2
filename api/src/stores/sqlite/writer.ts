import { SQLiteError } from 'bun:sqlite'

export interface Writer {
  /**
   * Runs `work` inside a transaction together with whatever else is waiting, and resolves once that is on the disk.
   * Rejects, with nothing written, when the database stays locked for the busy timeout, the disk is full, or `work`
   * itself throws. `work` must be synchronous and may run more than once.
   */
  write: <T>(work: () => T) => Promise<T>
  /** Resolves when nothing is waiting. */
  drained: () => Promise<void>
}

export interface WriterOptions {
  busyTimeoutMs: number
  /** Milliseconds, never going back. */
  clock: () => number
}

/** The little that the writer needs of a database. */
export interface Transactions {
  prepare: (sql: string) => { run(): unknown }
  /** Where a transaction is still open; a full disk ends it by itself. */
  rollback: () => void
}

interface Write {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  deadlineMs: number
}

/** Bounds how long one flush keeps the event loop. */
const batchMax = 1_000
const busyRetryMs = 10

/**
 * The one writer of a database, with group commit: a flush to the disk costs the same for one write and for a thousand,
 * so all that came in during one turn of the event loop share a transaction.
 */
export function createWriter(db: Transactions, { busyTimeoutMs, clock }: WriterOptions): Writer {
  const transaction = createTransaction(db)
  const queue: Write[] = []
  let idleWaiters: (() => void)[] = []
  let isScheduled = false

  function flush(): void {
    isScheduled = false
    const batch = queue.splice(0, batchMax)
    const outcome = transaction(batch)
    if (outcome.isBusy) queue.unshift(...dropExpired(batch, clock(), outcome.error))
    if (queue.length > 0) schedule(outcome.isBusy)
    else idleWaiters.splice(0).forEach((resolve) => resolve())
  }

  function schedule(isBusy: boolean): void {
    isScheduled = true
    if (isBusy) setTimeout(flush, busyRetryMs)
    else setImmediate(flush)
  }

  return {
    write: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        // The value that comes back is the one that `work` returned.
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject, deadlineMs: clock() + busyTimeoutMs })
        if (!isScheduled) schedule(false)
      }),
    drained: async () => {
      if (queue.length > 0) await new Promise<void>((resolve) => idleWaiters.push(resolve))
    },
  }
}

type TransactionOutcome = { isBusy: false } | { isBusy: true; error: unknown }

/** Runs writes in one transaction and settles them, except when the database is locked: then nothing has happened. */
function createTransaction(db: Transactions): (batch: readonly Write[]) => TransactionOutcome {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')

  return (batch) => {
    let writes = batch
    while (writes.length > 0) {
      let current: Write | undefined
      try {
        begin.run()
        const results = writes.map((write) => (current = write).work())
        current = undefined
        commit.run()
        for (const [index, write] of writes.entries()) write.resolve(results[index])
        break
      } catch (error) {
        db.rollback()
        if (hasCode(error, busyCodes)) return { isBusy: true, error }
        writes = withoutFailed(writes, current, error)
      }
    }
    return { isBusy: false }
  }
}

/** A write that fails for a reason of its own must not fail its neighbours: they are run again without it. */
function withoutFailed(writes: readonly Write[], failed: Write | undefined, error: unknown): readonly Write[] {
  if (failed === undefined || hasCode(error, outageCodes)) {
    for (const write of writes) write.reject(error)
    return []
  }
  failed.reject(error)
  return writes.filter((write) => write !== failed)
}

function dropExpired(batch: readonly Write[], nowMs: number, error: unknown): Write[] {
  const expired = batch.filter((write) => write.deadlineMs <= nowMs)
  for (const write of expired) write.reject(error)
  return batch.filter((write) => write.deadlineMs > nowMs)
}

const busyCodes = ['SQLITE_BUSY', 'SQLITE_LOCKED']
/** What is wrong with the database or the disk, and so is wrong for every write. */
const outageCodes = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
]

/** Extended codes such as `SQLITE_IOERR_WRITE` begin with their family's name. */
const hasCode = (error: unknown, codes: readonly string[]) =>
  error instanceof SQLiteError && codes.some((code) => error.code?.startsWith(code))
