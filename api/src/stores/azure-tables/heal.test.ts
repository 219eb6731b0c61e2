import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { RestError } from '@azure/data-tables'
import type { Chat } from '@chatr/protocol'
import type { ChatStore } from '../../ports.ts'
import { chatOf, entry, groupChat, logOf, member, said, user } from '../contract/store-under-test.ts'
import { staleAfterMs } from './memberships.ts'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(() => storage.stop())

const people = ['ana', 'ben', 'eve']

/** Chat `c` of ana and ben, with a message; ana is connected. Eve is nowhere. */
async function furnish(store: ChatStore): Promise<void> {
  for (const id of people) await store.saveUser(user(id))
  await chatOf(store, 'c', ['ana', 'ben'])
  await store.appendMessage('c', said('ana'))
  await store.addConnection('1', 'ana')
}

interface Action {
  act: (store: ChatStore) => Promise<unknown>
  /** What it comes to when nothing goes wrong. */
  outcome: object
  /** What it comes to when it has been done before. */
  again: object
}

const ids = { join: entry(), leave: entry(), message: said('ben'), created: groupChat('new') }

const actions: Record<string, Action> = {
  'creating a chat': {
    act: (store) => store.createChat(ids.created),
    outcome: { outcome: 'created' },
    again: { outcome: 'exists' },
  },
  joining: {
    act: (store) => store.addMember('c', member('eve'), ids.join),
    outcome: { outcome: 'added', rev: 4, message: { kind: 'joined', pos: 4 } },
    again: { outcome: 'already', rev: 4 },
  },
  leaving: {
    act: (store) => store.removeMember('c', 'ben', ids.leave),
    outcome: { outcome: 'removed', rev: 4, message: { kind: 'left', pos: 4 } },
    again: { outcome: 'not-member', rev: 4 },
  },
  'sending a message': {
    act: (store) => store.appendMessage('c', ids.message),
    outcome: { outcome: 'appended', rev: 4 },
    again: { outcome: 'repeated', rev: 4 },
  },
  'moving a read position': {
    act: (store) => store.moveRead('c', 'ben', 3),
    outcome: { outcome: 'moved', pos: 3, unread: 0 },
    again: { outcome: 'unmoved', pos: 3, unread: 0 },
  },
  'removing a chat': {
    act: (store) => store.deleteChat('c', 'ana'),
    outcome: { outcome: 'deleted', memberIds: ['ana', 'ben'] },
    again: { outcome: 'missing' },
  },
  'taking another name': {
    act: async (store) => ({ done: await store.saveUser({ ...user('ana'), userName: 'Anna' }) }),
    outcome: {},
    again: {},
  },
  connecting: {
    act: (store) => store.addConnection('2', 'ben'),
    outcome: { cameOnline: true, cameBack: false },
    again: { cameOnline: false, cameBack: false },
  },
  disconnecting: {
    act: (store) => store.removeConnection('1'),
    outcome: { userId: 'ana', wentOffline: true },
    again: { userId: undefined, wentOffline: false },
  },
}

/** Whatever happened: all that can be asked agrees with all else. */
async function expectSound(store: ChatStore): Promise<void> {
  for (const chatId of ['c', 'new']) {
    const chat = await store.findChat(chatId)
    const inside = Object.keys(chat?.members ?? {})
    for (const id of people)
      expect([id, (await store.chatIdsOf(id)).includes(chatId)]).toEqual([id, inside.includes(id)])
    const listing = (await store.listChats('eve')).find(({ id }) => id === chatId)
    if (chat === undefined) expect(listing).toBeUndefined()
    else expect(listing).toMatchObject(chat)
    if (chat !== undefined) expect(await membersByLog(store, chat)).toEqual(inside.toSorted())
  }
  for (const { userId } of await store.onlineUsers()) expect(await store.connectionsOf(userId)).not.toEqual([])
}

async function membersByLog(store: ChatStore, { id, rev }: Chat): Promise<string[]> {
  const log = await logOf(store, id)
  expect(log.map(({ pos }) => pos)).toEqual(Array.from({ length: rev }, (_, index) => index + 1))
  const inside = new Set(['ana'])
  for (const { kind, from } of log) {
    if (kind === 'joined') inside.add(from.userId)
    if (kind === 'left') inside.delete(from.userId)
  }
  return [...inside].toSorted()
}

type Send = () => Promise<unknown>

/** A store in which, once it is armed, `fail` speaks at each request. */
async function openFailing(fail: (count: number, send: Send) => Promise<void>) {
  const tablePrefix = newPrefix()
  let count: number | undefined
  const store = await storage.open({
    tablePrefix,
    policy: {
      name: 'fail',
      sendRequest: async (request, next) => {
        if (count !== undefined) await fail(count++, () => next(request))
        return next(request)
      },
    },
  })
  await furnish(store)
  count = 0
  return { store, tablePrefix }
}

/** Requests of one action at the most. */
const stepsMax = 20

describe.each(Object.entries(actions))('%s', (_, { act, outcome, again }) => {
  it('leaves nothing half done wherever the process ends, and can be done again', async () => {
    let isDone = false
    for (let step = 0; !isDone; step++) {
      expect(step).toBeLessThan(stepsMax)
      const dying = await openFailing(async (count) => {
        if (count >= step) throw new Error('the process is gone')
      })
      isDone = await act(dying.store).then(
        () => true,
        () => false,
      )
      let late = 0
      const { tablePrefix } = dying
      const store = await storage.open({ tablePrefix, clock: () => Date.now() + late })
      await expectSound(store)
      // Later on what was left doubtful is put right.
      late = 2 * staleAfterMs
      await store.sweep()
      await expectSound(store)
      const repeated = await act(store)
      if (isDone) expect(repeated).toMatchObject(again)
      await expectSound(store)
      expect(await act(store)).toMatchObject(again)
      await store.close()
    }
  }, 60_000)

  it('comes to the same when the answer to any of its requests is lost', async () => {
    let isLost = true
    for (let step = 0; isLost; step++) {
      isLost = false
      const { store } = await openFailing(async (count, send) => {
        if (count !== step) return
        await send()
        isLost = true
        throw new RestError('the answer is lost', { code: 'ECONNRESET' })
      })
      expect([step, await act(store)]).toMatchObject([step, outcome])
      // What comes afterwards is not of the action.
      if (!isLost) break
      await expectSound(store)
      await store.close()
    }
  }, 60_000)
})
