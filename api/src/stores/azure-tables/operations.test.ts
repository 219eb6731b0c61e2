import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { chatOf, entry, groupChat, member, privateChat, said, upTo, user } from '../contract/store-under-test.ts'
import type { AzureTablesStore } from './index.ts'
import { createCounter, newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
let store: AzureTablesStore
const { policy, count } = createCounter()

beforeAll(async () => {
  storage = await startTestStorage()
  store = await storage.open({ tablePrefix: newPrefix(), policy })
  for (const id of ['ana', 'ben', 'eve']) await store.saveUser(user(id))
  await chatOf(store, 'c', ['ana', 'ben'])
  for (const n of upTo(49)) await store.createChat(groupChat(`c${n}`))
  for (const n of upTo(60)) await store.appendMessage('c', said('ana', `${n}`))
})
afterAll(async () => {
  await store.close()
  await storage.stop()
})

/** In this order: each finds what those before it have left. */
const actions: [name: string, act: () => Promise<unknown>][] = [
  ['sending a message', () => store.appendMessage('c', said('ana'))],
  ['thirty messages to one chat at once', () => Promise.all(upTo(30).map(() => store.appendMessage('c', said('ana'))))],
  ['a page of history, newest or older', () => store.readMessages('c', { from: 'before', pos: 50, limit: 20 })],
  ['what changed since', () => store.readMessages('c', { from: 'since', rev: 40, limit: 50 })],
  ['moving a read position', () => store.moveRead('c', 'ben', 40)],
  ['signing in, the name as before', () => store.saveUser(user('ana'))],
  [
    'connecting with 50 chats: `connect`',
    async () => {
      await store.findUser('ana')
      expect(await store.chatIdsOf('ana')).toHaveLength(50)
    },
  ],
  [
    'connecting with 50 chats: `connected`',
    async () => {
      await store.addConnection('1', 'ana')
      await store.findUser('ana')
      await store.chatIdsOf('ana')
    },
  ],
  ['going idle, coming back', () => store.setIdle('1', true)],
  ['disconnecting', () => store.removeConnection('1')],
  ['finding a chat', () => store.findChat('c')],
  ['joining', () => store.addMember('c', member('eve'), entry())],
  ['leaving', () => store.removeMember('c', 'eve', entry())],
  ['creating a group chat', () => store.createChat(groupChat('new'))],
  ['creating a private chat', () => store.createChat(privateChat('private'))],
  ['one chat of the list', () => store.findListing('c', 'ben')],
  ['the list of 50 chats, member of all', () => store.listChats('ana')],
  ['the list of 50 chats, member of one', () => store.listChats('ben')],
  ['who is online', () => store.onlineUsers()],
]

/** How many round trips a list takes depends on how its many requests happen to overlap. */
const isList = (name: string) => name.startsWith('the list of')

const rows = readFileSync(new URL('../../../../docs/azure-tables.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('the operations of an action', () => {
  it.each(actions)('%s: as many as docs/azure-tables.md says', async (name, act) => {
    const { operations, trips } = await count(act)
    const counted = [name, `${operations}`, isList(name) ? '–' : `${trips}`]
    expect(counted).toEqual(rows.find((row) => row[1] === name)?.slice(1, 4) ?? [])
  })
})
