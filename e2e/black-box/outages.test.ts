import { Database } from 'bun:sqlite'
import { afterEach, describe, expect, it } from 'bun:test'
import { closeSync, mkdtempSync, openSync, readdirSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { join } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr | undefined
afterEach(() => chatr?.remove())

const databaseOf = (folder: string) => {
  const file = readdirSync(folder).find((name) => /^chatr\.(db|sqlite)$/.test(name))
  if (!file) throw new Error(`no database among ${readdirSync(folder).join(', ')}`)
  return path(folder, file)
}

describe('when the disk is full', () => {
  it('the sender is told, nothing is half written, and what was there stays readable', async () => {
    chatr = await startChatr({ env: { CHATR_DATABASE_MAX_MB: '1' } })
    const ana = await join(chatr.url, 'Ana')
    const chatId = crypto.randomUUID()
    await ana.ask('createChat', { id: chatId, name: 'Full' })
    const text = 'x'.repeat(9_000)
    let stored = 0
    let failure: string | undefined
    for (let n = 0; n < 400 && !failure; n++) {
      const { failed } = await ana.ask('sendMessage', { chatId, id: `m-${n}`, text })
      if (failed) failure = failed.code
      else stored++
    }
    expect(failure).toBe('Unavailable')
    expect(stored).toBeGreaterThan(10)
    expect(ana.isOpen()).toBe(true)
    const page = (await (await ana.session.get(`/api/chats/${chatId}/messages?since=0&limit=200`)).json()) as {
      messages: object[]
      rev: number
    }
    expect(page.messages).toHaveLength(stored + 1)
    expect(page.rev).toBe(stored + 1)
  })
})

describe('when the database is locked', () => {
  it('the sender is told, the server lives, and the same message goes through once it is free', async () => {
    chatr = await startChatr()
    const ana = await join(chatr.url, 'Ana')
    const chatId = crypto.randomUUID()
    await ana.ask('createChat', { id: chatId, name: 'Locked' })
    const ben = await join(chatr.url, 'Ben')
    await ben.settle()

    const intruder = new Database(databaseOf(chatr.dataFolder))
    intruder.run('PRAGMA busy_timeout = 5000')
    intruder.run('BEGIN IMMEDIATE')
    await ben.close()
    const blocked = ana.ask('sendMessage', { chatId, id: 'm-1', text: 'hello' })
    expect((await fetch(`${chatr.url}/api/health`)).status).toBe(200)
    expect((await blocked).failed).toMatchObject({ event: 'sendMessage', ref: 'm-1', code: 'Unavailable' })
    intruder.run('ROLLBACK')
    intruder.close()

    expect((await ana.ask('sendMessage', { chatId, id: 'm-1', text: 'hello' })).failed).toBeUndefined()
    const page = (await (await ana.session.get(`/api/chats/${chatId}/messages`)).json()) as {
      messages: { id: string }[]
    }
    expect(page.messages.filter(({ id }) => id === 'm-1')).toHaveLength(1)
    // That he went could not be written down; it comes true by itself.
    await ana.told('userOffline', (userId) => userId === ben.userId)
  }, 20_000)
})

describe('a database that cannot be used', () => {
  const used = async () => {
    chatr = await startChatr()
    const ana = await join(chatr.url, 'Ana')
    await ana.ask('createChat', { id: crypto.randomUUID(), name: 'Before' })
    await chatr.stop()
    return databaseOf(chatr.dataFolder)
  }
  const startedWith = (file: string) => startChatr({ dataFolder: path(file, '..') }).then(String, String)

  it('stops the start with a clear line when it is corrupt', async () => {
    const file = await used()
    const handle = openSync(file, 'r+')
    writeSync(handle, Buffer.alloc(4_000, 0x5a), 0, 4_000, 30)
    closeSync(handle)
    const printed = await startedWith(file)
    expect(printed).toMatch(/ended with 1[\s\S]*database/i)
    expect(printed).not.toContain('    at ')
  })

  it('stops the start with a clear line when a newer Chatr wrote it', async () => {
    const file = await used()
    const database = new Database(file)
    database.run('PRAGMA user_version = 9999')
    database.close()
    expect(await startedWith(file)).toMatch(/ended with 1[\s\S]*newer/i)
  })

  it('stops the start with a clear line when it is something else', async () => {
    const folder = mkdtempSync(path(tmpdir(), 'chatr-'))
    const name =
      databaseOf(path(await used(), '..'))
        .split('/')
        .at(-1) ?? ''
    const other = new Database(path(folder, name))
    other.run('CREATE TABLE recipes (name TEXT)')
    other.close()
    expect(await startedWith(path(folder, name))).toMatch(/ended with 1[\s\S]*database/i)
  })
})
