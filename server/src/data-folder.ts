import { Database } from 'bun:sqlite'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { openOrExplain, StartError } from './start-error.ts'

export interface DataFolder {
  path: string
  /** The path of a file in the folder; it is there afterwards (empty if new), for its owner alone. */
  privateFile(name: string): string
  /** Lets the next Chatr have the folder. */
  release(): void
}

/**
 * Makes the folder if it is missing (mode 0700) and takes it for this process; the lock is the operating system's, so
 * a process that is killed gives it back. Throws a `StartError` when it is taken or cannot be written.
 */
export function openDataFolder(path: string): DataFolder {
  const privateFile = (name: string) => touchPrivate(join(path, name))
  const lock = openOrExplain(`CHATR_DATA: the folder ${path} cannot be used`, () => {
    if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 })
    return new Database(privateFile('lock'), { strict: true })
  })
  takeLock(lock, path)
  return { path, privateFile, release: () => lock.close() }
}

/** SQLite's side files (-wal, -shm) take the mode of their database, so this covers them as well. */
function touchPrivate(file: string): string {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  return file
}

/** An exclusive transaction on an empty database that is never ended: closing the file, in whatever way, ends it. */
function takeLock(lock: Database, path: string): void {
  try {
    lock.run('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const isTaken = error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'
    if (!isTaken) throw new StartError(`CHATR_DATA: the folder ${path} cannot be locked`, { cause: error })
    throw new StartError(`CHATR_DATA: another Chatr is running on the folder ${path}; stop it or choose another folder`)
  }
}
