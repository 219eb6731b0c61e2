import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite'
import { createWriter, type Writer, type WriterOptions } from './writer.ts'

/** What the parts of the store share: one connection to the database. */
export interface Sqlite {
  prepare: <Row, Params extends SQLQueryBindings[]>(sql: string) => Statement<Row, Params>
  write: Writer['write']
  /** Runs `work`, which only reads, on one state of the database. */
  snapshot: <T>(work: () => T) => T
  /** Moves what was committed out of the log file, so that deleted text does not linger in there. */
  scrubLog: () => void
  /** Waits for the writes that are queued, then closes; afterwards everything rejects. */
  close: () => Promise<void>
}

export function createSqlite(db: Database, options: WriterOptions): Sqlite {
  const statements: Statement[] = []
  const prepare = <Row, Params extends SQLQueryBindings[]>(sql: string) => {
    // For an array of parameters, which it is, Bun's type comes to the same.
    const statement = db.prepare<Row, Params>(sql) as Statement<Row, Params>
    statements.push(statement)
    return statement
  }
  const writer = createWriter({ prepare, rollback: () => void (db.inTransaction && db.run('ROLLBACK')) }, options)
  const begin = prepare('BEGIN')
  const rollback = prepare('ROLLBACK')
  let isClosed = false

  return {
    prepare,
    write: (work) => (isClosed ? Promise.reject(new Error('the store is closed')) : writer.write(work)),
    snapshot: (work) => {
      begin.run()
      try {
        return work()
      } finally {
        // It only read. Unlike a commit this also ends what a damaged page has cut short, and hides no error.
        if (db.inTransaction) rollback.run()
      }
    },
    // Where another process is reading, SQLite answers "busy" and a later checkpoint does the rest.
    scrubLog: () => db.run('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: async () => {
      if (isClosed) return
      isClosed = true
      await writer.drained()
      // A statement that is left open would keep the file, and its log beside it, in use.
      for (const statement of statements.splice(0)) statement.finalize()
      db.close()
    },
  }
}
