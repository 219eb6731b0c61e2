import { Database, SQLiteError } from 'bun:sqlite'
import { migrate, schemaVersion } from './migrations.ts'
import { StoreUnusable } from './store-unusable.ts'

export interface DatabaseOptions {
  file: string
  /** The file grows no further than this; beyond, writes are rejected as on a full disk. */
  maxBytes?: number
  busyTimeoutMs: number
}

/** "ChTR" in ASCII: tells our files from other people's. */
const applicationId = 0x43_68_54_52
/** A whole check of a bigger file would be felt at the start. */
const quickCheckMaxBytes = 64 * 1024 * 1024

/**
 * Opens or creates the file and brings its schema to the newest version. Throws `StoreUnusable` for a file that is
 * damaged, not ours, newer than this version, or that cannot be opened.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const db = refusing(options.file, () => new Database(options.file, { create: true, readwrite: true, strict: true }))
  try {
    refusing(options.file, () => prepare(db, options))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function prepare(db: Database, { file, maxBytes, busyTimeoutMs }: DatabaseOptions): void {
  db.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  const version = checkedVersion(db, file)
  db.run('PRAGMA journal_mode = WAL')
  // FULL: a commit is on the disk before it is acknowledged, also when the power fails.
  db.run('PRAGMA synchronous = FULL')
  db.run('PRAGMA foreign_keys = ON')
  db.run('PRAGMA secure_delete = ON')
  db.run('PRAGMA journal_size_limit = 16777216')
  if (maxBytes !== undefined) {
    db.run(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pragma(db, 'page_size')))}`)
  }
  if (version === 0) db.run(`PRAGMA application_id = ${applicationId}`)
  migrate(db, version)
  // From here on waiting is done by the writer, which does not hold up the event loop.
  db.run('PRAGMA busy_timeout = 0')
}

/** The version of the schema, 0 for a new file; throws where the file must not be touched. */
function checkedVersion(db: Database, file: string): number {
  const id = pragma(db, 'application_id')
  const version = pragma(db, 'user_version')
  const isBlank = id === 0 && version === 0 && db.query('SELECT 1 FROM sqlite_schema').get() === null
  if (isBlank) return 0
  if (id !== applicationId) throw new StoreUnusable(`${file} is a database of something else, not of Chatr`)
  if (version > schemaVersion) {
    const found = `${file} has schema version ${version}`
    throw new StoreUnusable(`${found}, but this Chatr knows versions up to ${schemaVersion}: use a newer Chatr`)
  }
  if (pragma(db, 'page_count') * pragma(db, 'page_size') <= quickCheckMaxBytes) quickCheck(db, file)
  return version
}

function quickCheck(db: Database, file: string): void {
  const [first] = db.query('PRAGMA quick_check(1)').values()
  if (first?.[0] !== 'ok') {
    throw new StoreUnusable(`${file} is damaged (${String(first?.[0]).replace(/\s+/g, ' ')}): restore a backup`)
  }
}

function pragma(db: Database, name: string): number {
  return Number(db.query(`PRAGMA ${name}`).values()[0]?.[0])
}

const reasons: Record<string, string> = {
  SQLITE_NOTADB: 'is not a SQLite database, or is damaged: restore a backup',
  SQLITE_CORRUPT: 'is damaged: restore a backup',
  SQLITE_CANTOPEN: 'cannot be opened: check that its folder is there and may be written to',
  SQLITE_READONLY: 'may not be written to: check its permissions',
  SQLITE_BUSY: 'is locked by another process: stop that first',
  SQLITE_FULL: 'cannot be written: the disk is full',
}

/** Turns what SQLite says while opening `file` into one line that helps. */
function refusing<T>(file: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof SQLiteError)) throw error
    const reason = Object.entries(reasons).find(([code]) => error.code?.startsWith(code))?.[1]
    throw new StoreUnusable(`${file} ${reason ?? `cannot be used: ${error.message}`}`, { cause: error })
  }
}
