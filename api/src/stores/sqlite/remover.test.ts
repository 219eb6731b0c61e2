import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, expect, it } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { groupChat, said, upTo } from '../contract/store-under-test.ts'
import { openSqliteStore } from './index.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatr-store-'))
  file = join(folder, 'chatr.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const openWithLongChat = async (messages: number) => {
  const store = openSqliteStore({ file })
  await store.createChat(groupChat('c'))
  await Promise.all(upTo(messages).map(() => store.appendMessage('c', said('ana', 'the needle in the hay'))))
  return store
}

const messagesInFile = () => {
  using db = new Database(file, { readonly: true })
  return Number(db.query('SELECT count(*) FROM messages').values()[0]?.[0])
}

const holdsNeedle = () => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes('needle'))

/** Other work of the event loop runs between two looks. */
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

it('removes a long chat for everyone at once, and its log step by step, while others write', async () => {
  const store = await openWithLongChat(3_000)
  await store.createChat(groupChat('d'))
  expect(await store.deleteChat('c', 'ana')).toEqual({ outcome: 'deleted', memberIds: ['ana'] })
  expect(messagesInFile()).toBeGreaterThan(1_000)
  expect(await store.findChat('c')).toBeUndefined()
  expect((await store.listChats('ana')).map(({ id }) => id)).toEqual(['d'])
  expect(await store.chatIdsOf('ana')).toEqual(['d'])
  expect(await store.appendMessage('d', said('ana'))).toMatchObject({ rev: 2 })
  expect(await store.createChat(groupChat('c'))).toMatchObject({ outcome: 'created', chat: { rev: 1 } })
  expect(messagesInFile()).toBeGreaterThan(1_000)
  await until(() => messagesInFile() === 3 && !holdsNeedle())
  await store.close()
})

it('goes on with it at the next start', async () => {
  const store = await openWithLongChat(3_000)
  await store.deleteChat('c', 'ana')
  await store.close()
  expect(messagesInFile()).toBeGreaterThan(1_000)
  const again = openSqliteStore({ file })
  expect(await again.listChats('ana')).toEqual([])
  await until(() => messagesInFile() === 0 && !holdsNeedle())
  await again.close()
})

it("leaves another's chat alone that stands in the place of the one that was to be removed", async () => {
  const store = await openWithLongChat(1)
  expect(await store.deleteChat('c', 'ben')).toEqual({ outcome: 'missing' })
  expect(await store.findChat('c')).toMatchObject({ owner: 'ana' })
  await store.close()
})
