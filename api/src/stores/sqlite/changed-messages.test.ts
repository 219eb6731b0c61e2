import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'chatr-changed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = '2026-11-22T08:30:00.000Z'
const owner = { userId: 'guest:ana', userName: 'Ana' }

describe('a message that was changed after others were written', () => {
  it('comes at its new rev in what changed since, and keeps its place in the pages', async () => {
    const file = join(folder, 'chatr.sqlite')
    const store = openSqliteStore({ file })
    await store.saveUser({ ...owner, userProvider: 'guest' })
    await store.createChat({ id: 'c', name: 'Chat', kind: 'group', history: 'kept', owner, entryId: 'e', at })
    for (const id of ['m2', 'm3', 'm4']) await store.appendMessage('c', { id, at, from: owner.userId, text: id })

    // Changing messages comes with a later version of the chat; what it will write is known already.
    const later = new Database(file)
    later.run(`UPDATE messages SET rev = 5, text = 'changed', edited_at = ? WHERE id = 'm2'`, [at])
    later.run(`UPDATE chats SET rev = 5 WHERE id = 'c'`)
    later.close()

    const positions = async (range: Parameters<typeof store.readMessages>[1]) =>
      (await store.readMessages('c', range))?.messages.map(({ id, pos, rev }) => [id, pos, rev])
    expect(await positions({ from: 'since', rev: 3, limit: 10 })).toEqual([
      ['m4', 4, 4],
      ['m2', 2, 5],
    ])
    expect(await positions({ from: 'since', rev: 4, limit: 10 })).toEqual([['m2', 2, 5]])
    expect(await positions({ from: 'since', rev: 3, limit: 1 })).toEqual([['m4', 4, 4]])
    expect(await positions({ from: 'newest', limit: 3 })).toEqual([
      ['m2', 2, 5],
      ['m3', 3, 3],
      ['m4', 4, 4],
    ])
    await store.close()
  })
})
