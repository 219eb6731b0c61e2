import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entry, groupChat, logOf, member, said, upTo } from '../contract/store-under-test.ts'
import { openSqliteStore, StoreUnusable } from './index.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatr-failures-'))
  file = join(folder, 'chatr.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The one line with which opening is refused. */
function refusal(path = file): string {
  try {
    void openSqliteStore({ file: path, busyTimeoutMs: 50 }).close()
  } catch (error) {
    expect(error).toBeInstanceOf(StoreUnusable)
    return error instanceof Error ? error.message : ''
  }
  return 'opened'
}

/** A store with some messages, closed again. */
async function fill(): Promise<void> {
  const store = openSqliteStore({ file })
  await store.createChat(groupChat('c'))
  await Promise.all(upTo(500).map(() => store.appendMessage('c', said('ana', 'a line that takes some room'))))
  await store.close()
}

const change = (sql: string) => {
  const db = new Database(file)
  db.run(sql)
  db.close()
}

describe('opening', () => {
  it('refuses a file that is not a database, and leaves it as it is', () => {
    writeFileSync(file, 'These are my notes. '.repeat(100))
    expect(refusal()).toBe(`${file} is not a SQLite database, or is damaged: restore a backup`)
    expect(readFileSync(file, 'utf8')).toStartWith('These are my notes.')
  })

  it('refuses a database that is damaged', async () => {
    await fill()
    const bytes = readFileSync(file)
    bytes.fill(0xff, 5 * 4096, 12 * 4096)
    writeFileSync(file, bytes)
    expect(refusal()).toContain('is damaged')
    expect(refusal().split('\n')).toHaveLength(1)
  })

  it("refuses another program's database, and leaves it as it is", () => {
    change('CREATE TABLE recipes (name TEXT)')
    expect(refusal()).toBe(`${file} is a database of something else, not of Chatr`)
    const db = new Database(file)
    expect(db.query('SELECT name FROM sqlite_schema').values()).toEqual([['recipes']])
    db.close()
  })

  it("refuses a database that carries another program's mark", () => {
    change('PRAGMA application_id = 7')
    expect(refusal()).toBe(`${file} is a database of something else, not of Chatr`)
  })

  it('refuses a database of a newer version', async () => {
    await fill()
    change('PRAGMA user_version = 4711')
    expect(refusal()).toContain('has schema version 4711, but this Chatr knows versions up to')
  })

  it('refuses a path that cannot be opened', () => {
    const path = join(folder, 'missing', 'chatr.db')
    expect(refusal(path)).toBe(`${path} cannot be opened: check that its folder is there and may be written to`)
  })

  it('refuses a database that another one holds locked', async () => {
    await fill()
    const other = new Database(file)
    other.run('PRAGMA locking_mode = EXCLUSIVE')
    other.run('BEGIN EXCLUSIVE')
    expect(refusal()).toBe(`${file} is locked by another process: stop that first`)
    other.run('ROLLBACK')
    other.close()
  })

  it("marks a new file as Chatr's, with a log of its own beside it", async () => {
    const store = openSqliteStore({ file })
    const db = new Database(file)
    const read = (name: string) => db.query(`PRAGMA ${name}`).values()[0]?.[0]
    expect([read('application_id'), read('user_version'), read('journal_mode')]).toEqual([0x43685452, 1, 'wal'])
    db.close()
    await store.close()
    expect(readdirSync(folder)).toEqual(['chatr.db'])
  })
})

describe('a database that another process has locked', () => {
  it('makes a write wait without holding up the event loop, until it is free', async () => {
    const store = openSqliteStore({ file })
    await store.createChat(groupChat('c'))
    const other = new Database(file)
    other.run('BEGIN IMMEDIATE')
    let isSettled = false
    const appended = store.appendMessage('c', said('ana')).finally(() => {
      isSettled = true
    })
    // Turns of the event loop go by, and reading works.
    for (const _ of upTo(20)) await new Promise((resolve) => setImmediate(resolve))
    expect(isSettled).toBe(false)
    expect((await store.findChat('c'))?.rev).toBe(1)
    other.run('COMMIT')
    other.close()
    expect(await appended).toMatchObject({ outcome: 'appended', rev: 2 })
    await store.close()
  })

  it('rejects a write after the busy timeout with nothing written, and works again afterwards', async () => {
    const store = openSqliteStore({ file, busyTimeoutMs: 30 })
    await store.createChat(groupChat('c'))
    const other = new Database(file)
    other.run('BEGIN IMMEDIATE')
    const outcomes = await Promise.allSettled(upTo(3).map(() => store.appendMessage('c', said('ana'))))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    other.run('COMMIT')
    other.close()
    expect(await logOf(store, 'c')).toHaveLength(1)
    expect(await store.appendMessage('c', said('ana'))).toMatchObject({ rev: 2 })
    await store.close()
  })
})

describe('a full disk', () => {
  it('rejects what does not fit, writes nothing half, and the store works again once there is room', async () => {
    const store = openSqliteStore({ file, maxBytes: 400_000 })
    await store.createChat(groupChat('c'))
    await store.createChat(groupChat('d'))
    const outcomes = []
    for (const _ of upTo(100)) {
      const batch = upTo(5).map(() => store.appendMessage('c', said('ana', 'x'.repeat(2_000))))
      outcomes.push(...(await Promise.allSettled(batch)))
    }
    const stored = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(stored).toBeGreaterThan(50)
    expect(stored).toBeLessThan(500)
    const log = await logOf(store, 'c')
    expect(log.map(({ pos }) => pos)).toEqual(upTo(stored + 1))
    expect((await store.findChat('c'))?.rev).toBe(stored + 1)

    expect(await store.deleteChat('c', 'ana')).toMatchObject({ outcome: 'deleted' })
    expect(await store.appendMessage('d', said('ana', 'x'.repeat(2_000)))).toMatchObject({ rev: 2 })
    await store.close()
  })
})

describe('writes that share a transaction', () => {
  it('are not failed by one among them that cannot be done', async () => {
    const store = openSqliteStore({ file })
    await store.createChat(groupChat('c'))
    const outcomes = await Promise.allSettled([
      store.appendMessage('c', said('ana', 'before')),
      store.addConnection('1', 'nobody who was ever saved'),
      store.addMember('c', member('ben'), entry()),
      store.appendMessage('c', said('ana', 'after')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect((await logOf(store, 'c')).map(({ pos, text }) => [pos, text])).toEqual([
      [1, ''],
      [2, 'before'],
      [3, ''],
      [4, 'after'],
    ])
    await store.close()
  })
})

it('leaves no trace of a deleted chat in any of its files', async () => {
  const store = openSqliteStore({ file })
  await store.createChat(groupChat('c'))
  await store.appendMessage('c', said('ana', 'the needle in the hay'))
  const holdsNeedle = () => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes('needle'))
  expect(holdsNeedle()).toBe(true)
  await store.deleteChat('c', 'ana')
  expect(holdsNeedle()).toBe(false)
  await store.close()
})
