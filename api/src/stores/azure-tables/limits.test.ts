import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test'
import { RestError, TableClient, type TransactionAction } from '@azure/data-tables'
import { limits } from '@chatr/protocol'
import { chatOf, entry, groupChat, listingOf, member, said, upTo, user } from '../contract/store-under-test.ts'
import type { AzureTablesStore } from './index.ts'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
let store: AzureTablesStore
let tablePrefix: string
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(() => storage.stop())
beforeEach(async () => {
  tablePrefix = newPrefix()
  store = await storage.open({ tablePrefix })
})

const table = (name: string) =>
  TableClient.fromConnectionString(storage.connectionString, tablePrefix + name, { allowInsecureConnection: true })

/** Straight into the table, a hundred rows at a time. */
async function write(client: TableClient, rows: TransactionAction[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 100) await client.submitTransaction(rows.slice(from, from + 100))
}

const pad = (number: number, width: number) => String(number).padStart(width, '0')

describe('the tables of the first Chatr', () => {
  it('hold the chat as JSON, and the user with his state', async () => {
    await store.saveUser(user('ana'))
    await store.createChat(groupChat('c'))
    await store.addConnection('1', 'ana')
    await store.setIdle('1', true)
    const chat = await table('chats').getEntity<{ data: string }>('chatr', 'c')
    expect(JSON.parse(chat.data)).toEqual(await store.findChat('c'))
    expect(await table('users').getEntity('chatr', 'ana')).toMatchObject({ ...user('ana'), idle: true })
  })
})

describe('ids that Table Storage forbids in a key', () => {
  it.each(['a/b\\c#d?e', "o'brien", '100%+1', 'tab\tand\u0085', 'Jürgen 👋', '~', 'x'.repeat(256), '__proto__'])(
    'are as good as others: %j',
    async (userId) => {
      await store.saveUser(user(userId))
      expect(await store.findUser(userId)).toEqual(user(userId))
      await store.addConnection(userId, userId)
      expect(await store.connectionsOf(userId)).toEqual([userId])
      await store.createChat(groupChat('c', { owner: member(userId) }))
      expect(await store.appendMessage('c', said(userId))).toMatchObject({
        outcome: 'appended',
        message: { from: member(userId) },
      })
      expect(Object.keys((await listingOf(store, userId, 'c'))?.members ?? {})).toEqual([userId])
      expect(await store.chatIdsOf(userId)).toEqual(['c'])
      expect(await store.removeConnection(userId)).toMatchObject({ userId, wentOffline: true })
    },
  )
})

describe('the longest texts', () => {
  it('come back as they were, thirty of them at once', async () => {
    await store.createChat(groupChat('c'))
    // Of one byte a piece: Azurite tears longer ones apart where the network cuts its requests.
    const texts = ['x', '"', '\n'].map((char) => char.repeat(limits.messageTextMaxLength))
    const all = Array.from({ length: 10 }, () => texts).flat()
    await Promise.all(all.map((text) => store.appendMessage('c', said('ana', text))))
    const page = await store.readMessages('c', { from: 'newest', limit: 30 })
    expect(page?.messages.map(({ text }) => text).toSorted()).toEqual(all.toSorted())
  })
})

describe('a chat of 2,500 members', () => {
  it('is found, listed and joined as any other', async () => {
    await store.createChat(groupChat('c'))
    const name = (n: number) => `${n} ${'x'.repeat(40)}`
    const rows = upTo(2_500).map((n): TransactionAction => {
      const keys = { partitionKey: 'c', rowKey: `chat-member-00000001-u${n}` }
      return ['create', { ...keys, userId: `u${n}`, userName: name(n), readPos: 1, attempt: '' }]
    })
    await write(table('messages'), rows)
    expect(await store.addMember('c', member('eve'), entry())).toMatchObject({ outcome: 'added', rev: 2 })
    const listing = await listingOf(store, 'eve', 'c')
    expect(Object.keys(listing?.members ?? {})).toHaveLength(2_502)
    expect(listing?.members).toEqual((await store.findChat('c'))?.members ?? {})
    const { data5 } = await table('chats').getEntity<{ data5: string }>('chatr', 'c')
    expect(typeof data5).toBe('string')
    expect(await store.appendMessage('c', said('eve'))).toMatchObject({ rev: 3 })
  }, 30_000)
})

describe('a log of 5,000 entries', () => {
  it('is read from both ends, and goes wholly when its chat is removed', async () => {
    await chatOf(store, 'c', ['ana', 'ben'])
    const rows = upTo(5_000)
      .slice(2)
      .map((pos): TransactionAction => {
        const keys = { partitionKey: 'c', rowKey: `entry-00000001-${pad(pos, 16)}` }
        const from = { userId: 'ana', userName: 'ANA' }
        return [
          'create',
          { ...keys, id: `m${pos}`, pos, rev: pos, kind: 'message', ...from, text: '', at: '', attempt: '' },
        ]
      })
    await write(table('messages'), rows)
    const head = { partitionKey: 'c', rowKey: 'chat', rev: 5_000, lastPos: 5_000 }
    await table('messages').updateEntity(head, 'Merge')
    const positions = async (range: Parameters<typeof store.readMessages>[1]) =>
      (await store.readMessages('c', range))?.messages.map(({ pos }) => pos)
    expect(await positions({ from: 'newest', limit: 2 })).toEqual([4_999, 5_000])
    expect(await positions({ from: 'before', pos: 2_500, limit: 2 })).toEqual([2_498, 2_499])
    expect(await positions({ from: 'since', rev: 2_500, limit: 2 })).toEqual([2_501, 2_502])
    expect(await positions({ from: 'after', pos: 0, limit: 1_500 })).toEqual(upTo(1_500))
    expect(await listingOf(store, 'ben', 'c')).toMatchObject({ unread: limits.unreadMax, last: { pos: 5_000 } })
    await store.deleteChat('c', 'ana')
    await store.createChat(groupChat('c'))
    await store.close()
    const again = await storage.open({ tablePrefix, clock: () => Date.now() + 3_600_000 })
    await again.sweep()
    const left: (string | undefined)[] = []
    for await (const { rowKey } of table('messages').listEntities()) left.push(rowKey)
    expect(left).toHaveLength(4)
    expect(await again.findChat('c')).toMatchObject({ rev: 1 })
  }, 60_000)
})

describe('a message that was changed after others were written', () => {
  it('comes at its new rev in what changed since, and keeps its place in the pages', async () => {
    await store.createChat(groupChat('c'))
    for (const id of ['m2', 'm3', 'm4']) await store.appendMessage('c', { ...said('ana'), id })
    // Changing messages comes with a later version of the chat; what it will write is known already.
    const row = (rev: number) => ({ partitionKey: 'c', rowKey: `entry-00000001-${pad(rev, 16)}` })
    await table('messages').submitTransaction([
      ['update', { partitionKey: 'c', rowKey: 'chat', rev: 5 }, 'Merge'],
      ['update', { ...row(2), rev: 5, text: 'changed' }, 'Merge'],
      ['create', { ...row(5), kind: 'change', changedPos: 2 }],
    ])
    const positions = async (range: Parameters<typeof store.readMessages>[1]) =>
      (await store.readMessages('c', range))?.messages.map(({ id, pos, rev }) => [id, pos, rev])
    const changed = ['m2', 2, 5]
    expect(await positions({ from: 'since', rev: 3, limit: 10 })).toEqual([['m4', 4, 4], changed])
    expect(await positions({ from: 'since', rev: 3, limit: 1 })).toEqual([['m4', 4, 4]])
    expect(await positions({ from: 'newest', limit: 3 })).toEqual([changed, ['m3', 3, 3], ['m4', 4, 4]])
    expect(await positions({ from: 'before', pos: 3, limit: 1 })).toEqual([changed])
  })
})

describe('storage that does not do what it is asked', () => {
  const answering = (statusCode: number, times: number) => {
    let left = times
    return {
      name: 'answer',
      sendRequest: async <R, S>(request: R, next: (request: R) => Promise<S>) => {
        if (left-- > 0) throw new RestError('busy', { statusCode, code: 'ECONNRESET' })
        return next(request)
      },
    }
  }

  it('is asked again', async () => {
    const patient = await storage.open({ tablePrefix, policy: answering(503, 2) })
    expect(await patient.findChat('c')).toBeUndefined()
  })

  it('is an error, and no answer about a chat', async () => {
    let isOut = false
    const policy = {
      name: 'outage',
      sendRequest: async <R, S>(request: R, next: (request: R) => Promise<S>) => {
        if (isOut) throw new RestError('server busy', { statusCode: 503 })
        return next(request)
      },
    }
    const shaken = await storage.open({ tablePrefix, policy })
    isOut = true
    expect(shaken.findChat('c')).rejects.toThrow('server busy')
    expect(shaken.appendMessage('c', said('ana'))).rejects.toThrow('server busy')
    isOut = false
    expect(await shaken.createChat(groupChat('c'))).toMatchObject({ outcome: 'created' })
    expect(await shaken.appendMessage('c', said('ana'))).toMatchObject({ outcome: 'appended', rev: 2 })
  })

  it('is an error when it is silent for longer than anybody waits', async () => {
    let isSilent = false
    const policy = {
      name: 'silence',
      sendRequest: <R extends { abortSignal?: unknown }, S>(request: R, next: (request: R) => Promise<S>) =>
        isSilent ? new Promise<S>(() => undefined) : next(request),
    }
    const silent = await storage.open({ tablePrefix, policy, verbTimeoutMs: 50 })
    isSilent = true
    expect(silent.findChat('c')).rejects.toThrow('in time')
  })
})
