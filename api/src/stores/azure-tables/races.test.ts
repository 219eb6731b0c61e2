import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { chatOf, entry, logOf, member, said } from '../contract/store-under-test.ts'
import type { AzureTablesStore } from './index.ts'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(() => storage.stop())

/** Two processes; once armed, `meanwhile` happens in the other when the first has read `early`, and before `late`. */
async function openRacing({ early, late }: { early: string; late: string }) {
  const tablePrefix = newPrefix()
  const other = await storage.open({ tablePrefix })
  let meanwhile: (() => Promise<unknown>) | undefined
  const { promise: isRead, resolve: read } = Promise.withResolvers<void>()
  const store = await storage.open({
    tablePrefix,
    policy: {
      name: 'race',
      sendRequest: async (request, next) => {
        const url = decodeURIComponent(request.url)
        if (meanwhile === undefined || request.method !== 'GET') return next(request)
        if (url.includes(early)) return next(request).finally(read)
        if (!url.includes(late)) return next(request)
        await isRead
        const act = meanwhile
        meanwhile = undefined
        await act()
        return next(request)
      },
    },
  })
  const arm = (act: (other: AzureTablesStore) => Promise<unknown>) => {
    meanwhile = () => act(other)
  }
  return { store, arm, close: () => Promise.all([store.close(), other.close()]) }
}

describe('a change between two reads', () => {
  it('keeps the message of one who has left by then out of the log', async () => {
    const { store, arm, close } = await openRacing({ early: "RowKey='chat-member-", late: "RowKey='chat'" })
    await chatOf(store, 'c', ['ana', 'ben'])
    arm((other) => other.removeMember('c', 'ben', entry()))
    expect(await store.appendMessage('c', said('ben'))).toEqual({ outcome: 'not-member' })
    expect((await logOf(store, 'c')).map(({ kind }) => kind)).toEqual(['created', 'joined', 'left'])
    await close()
  })

  it('gives a message the place after the one that was faster', async () => {
    const { store, arm, close } = await openRacing({ early: "RowKey='chat'", late: "RowKey='chat-member-" })
    await chatOf(store, 'c', ['ana', 'ben'])
    arm((other) => other.appendMessage('c', said('ana')))
    expect(await store.appendMessage('c', said('ben'))).toMatchObject({ outcome: 'appended', rev: 4 })
    await close()
  })

  it.each([
    ["RowKey='chat'", "RowKey='chat-member-"],
    ["RowKey='chat-member-", "RowKey='chat'"],
  ])('adds him once who joins in two processes at once (%s, then %s)', async (early, late) => {
    const { store, arm, close } = await openRacing({ early, late })
    await chatOf(store, 'c', ['ana'])
    arm((other) => other.addMember('c', member('eve'), entry()))
    expect(await store.addMember('c', member('eve'), entry())).toMatchObject({ outcome: 'already', rev: 2 })
    expect(await store.chatIdsOf('eve')).toEqual(['c'])
    await close()
  })
})
