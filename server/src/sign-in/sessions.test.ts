import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder } from '../testing.ts'
import { guestNamed } from './identities.ts'
import { openSessions } from './sessions.ts'

const ada = guestNamed('Ada', undefined)
const lifeMs = 1_000
let folder: string
let file: string
let now: number

beforeEach(() => {
  folder = makeTempFolder()
  file = join(folder, 'sessions.sqlite')
  now = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (key = 'one key') => openSessions({ file, key, lifeMs, now: () => now })

describe('sessions', () => {
  it('find who began one, also after a restart', () => {
    const before = open()
    const cookie = before.begin(ada)
    before.close()
    const after = open()
    expect(after.find(cookie)).toEqual(ada)
    after.close()
  })

  it('refuse a cookie with any letter changed', () => {
    const sessions = open()
    const cookie = sessions.begin(ada)
    for (let at = 0; at < cookie.length; at++) {
      const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
      expect(sessions.find(changed)).toBeUndefined()
    }
    for (const forged of ['', '.', `${cookie}.`, cookie.split('.')[0] ?? '', `${cookie}x`]) {
      expect(sessions.find(forged)).toBeUndefined()
    }
    sessions.close()
  })

  it('refuse a cookie that another key signed', () => {
    const sessions = open()
    const cookie = sessions.begin(ada)
    sessions.close()
    const others = open('another key')
    expect(others.find(cookie)).toBeUndefined()
    others.close()
  })

  it('are over when ended, and a replayed cookie begins nothing', () => {
    const sessions = open()
    const cookie = sessions.begin(ada)
    sessions.end(cookie)
    expect(sessions.find(cookie)).toBeUndefined()
    sessions.close()
  })

  it('are over when their time is, to the millisecond, and are then forgotten', () => {
    const sessions = open()
    const cookie = sessions.begin(ada)
    now = lifeMs - 1
    expect(sessions.find(cookie)).toEqual(ada)
    now = lifeMs
    expect(sessions.find(cookie)).toBeUndefined()
    sessions.begin(ada)
    sessions.close()
    const rows = new Database(file)
    expect(rows.query('SELECT count(*) AS count FROM sessions').get()).toEqual({ count: 1 })
    rows.close()
  })

  it('keep no id that could be used to take a place', () => {
    const sessions = open()
    const [id = ''] = sessions.begin(ada).split('.')
    sessions.close()
    const kept = readFileSync(file)
    expect(kept.includes(ada.userId)).toBe(true)
    expect(kept.includes(id)).toBe(false)
    expect(kept.includes(Buffer.from(id, 'base64url'))).toBe(false)
  })

  it('explain a damaged and a newer file in one line', () => {
    writeFileSync(file, 'this is no database, and it is long enough to be told from an empty one'.repeat(20))
    expect(() => open()).toThrow(/^The sessions in .*sessions\.sqlite cannot be used.*$/)
    rmSync(file)
    const newer = new Database(file)
    newer.run('PRAGMA user_version = 99')
    newer.close()
    expect(() => open()).toThrow(/newer Chatr \(version 99\)/)
  })
})
