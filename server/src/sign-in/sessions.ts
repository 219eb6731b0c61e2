import { Database } from 'bun:sqlite'
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ClientPrincipal } from '@chatr/protocol'
import { openOrExplain, StartError } from '../start-error.ts'

export interface Sessions {
  /** Signs somebody in; answers the value of his cookie, which nobody else can make. */
  begin(principal: ClientPrincipal): string
  /** Who holds this cookie value; `undefined` if it is forged, unknown, ended or older than `lifeMs`. */
  find(cookie: string): ClientPrincipal | undefined
  /** The cookie value means nothing from now on. */
  end(cookie: string): void
  close(): void
}

const schemaVersion = 1
const schema = `
  CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    principal TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
  PRAGMA user_version = ${schemaVersion};
`

/**
 * Sessions in a SQLite file of their own. The file holds the SHA-256 of each id only, so whoever reads it can take
 * nobody's place. `now` answers milliseconds. Throws a `StartError` for a damaged or newer file.
 */
export function openSessions(options: { file: string; key: string; lifeMs: number; now: () => number }): Sessions {
  const { file, key, lifeMs, now } = options
  const database = openOrExplain(
    `The sessions in ${file} cannot be used (remove it and everybody signs in again)`,
    () => openDatabase(file),
  )
  const insert = database.query('INSERT INTO sessions VALUES (?, ?, ?, ?)')
  const select = database.query<{ principal: string }, [Buffer, number]>(
    'SELECT principal FROM sessions WHERE hash = ? AND expires_at > ?',
  )
  const remove = database.query('DELETE FROM sessions WHERE hash = ?')
  const sweep = database.query('DELETE FROM sessions WHERE expires_at <= ?')
  return {
    begin(principal) {
      sweep.run(now())
      const id = randomBytes(32).toString('base64url')
      insert.run(hashOf(id), JSON.stringify(principal), now(), now() + lifeMs)
      return `${id}.${sign(id, key)}`
    },
    find(cookie) {
      const id = verifiedId(cookie, key)
      const row = id === undefined ? null : select.get(hashOf(id), now())
      return row === null ? undefined : ClientPrincipal.parse(JSON.parse(row.principal))
    },
    end(cookie) {
      const id = verifiedId(cookie, key)
      if (id !== undefined) remove.run(hashOf(id))
    },
    close: () => database.close(),
  }
}

function openDatabase(file: string): Database {
  const database = new Database(file, { create: true, strict: true })
  database.run('PRAGMA journal_mode = WAL')
  database.run('PRAGMA synchronous = FULL') // a sign-out that was answered stays one, also after a power failure
  const version = database.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0
  if (version > schemaVersion) {
    throw new StartError(`The sessions in ${file} were written by a newer Chatr (version ${version}): start that one`)
  }
  if (version === 0) database.transaction(() => database.run(schema))()
  return database
}

const hashOf = (id: string) => createHash('sha256').update(id).digest()
const sign = (id: string, key: string) => createHmac('sha256', key).update(`session ${id}`).digest('base64url')

function verifiedId(cookie: string, key: string): string | undefined {
  const [id, signature, ...rest] = cookie.split('.')
  if (!id || !signature || rest.length > 0) return undefined
  const expected = Buffer.from(sign(id, key))
  const given = Buffer.from(signature)
  return expected.length === given.length && timingSafeEqual(expected, given) ? id : undefined
}
