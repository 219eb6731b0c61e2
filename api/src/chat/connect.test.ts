import { Database } from 'bun:sqlite'
import { beforeEach, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../stores/sqlite/index.ts'
import { type House, openHouse } from '../testing/house.ts'

let house: House
beforeEach(() => {
  house = openHouse()
})

const received = (connectionId: string) => house.pubsub.received(connectionId)
const contextOf = (connectionId: string, userId: string | undefined) => ({
  hub: 'chat',
  connectionId,
  userId,
  subprotocol: undefined,
  state: undefined,
})
const connect = (userId: string | undefined, connectionId = '1') =>
  house.api.events.connect({ ...contextOf(connectionId, userId), claims: {}, query: {}, headers: {}, subprotocols: [] })
const save = (userId: string) => house.store.saveUser({ userId, userName: userId.toUpperCase(), userProvider: 'guest' })

describe('connecting', () => {
  it('is refused to a connection of nobody and to a user who never signed in', async () => {
    expect(await connect(undefined)).toEqual({ accept: false, status: 401 })
    expect(await connect('ana')).toEqual({ accept: false, status: 401 })
  })

  it('gives the groups and the roles of his chats, each named, and no role for all', async () => {
    await house.enter('ben')
    await house.ask('ben', 'createChat', { id: 'b', name: 'B' })
    await house.enter('ana')
    expect(await connect('ana')).toMatchObject({ accept: true, groups: [], roles: [] })
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ana', 'createChat', { id: 'd', name: 'D' })
    expect(await connect('ana')).toMatchObject({
      accept: true,
      userId: 'ana',
      groups: ['c', 'd'],
      roles: ['webpubsub.sendToGroup.c', 'webpubsub.sendToGroup.d'],
    })
  })

  it('is answered with 500 and logged when the store cannot answer', async () => {
    await house.store.close()
    expect(await connect('ana')).toEqual({ accept: false, status: 500 })
    expect(house.logged).toMatchObject([{ level: 'error', at: 'connect', userId: 'ana' }])
  })

  for (const count of [3, 200]) {
    it(`finds out at the end that one of ${count} chats came in between`, async () => {
      await house.enter('ana', 'first')
      const ids = Array.from({ length: count }, (_, index) => `chat-with-a-long-name-${index}`)
      for (const id of ids) await house.ask('first', 'createChat', { id, name: id })
      const answer = await connect('ana', 'second')
      if (!answer.accept) throw new Error('refused')
      await house.ask('first', 'createChat', { id: 'late', name: 'Late' })
      house.pubsub.open('second', { userId: 'ana', groups: answer.groups ?? [], roles: answer.roles ?? [] })
      await house.api.events.connected({ ...contextOf('second', 'ana'), state: answer.state })
      // Of very many chats the state holds a hash only: then he is asked to connect again.
      if (house.pubsub.isOpen('second')) {
        expect(house.pubsub.groupOf('late')).toEqual(['first', 'second'])
        expect(house.pubsub.mayTalkIn('second')).toContain('late')
        expect(count).toBe(3)
      } else expect(count).toBe(200)
    })
  }

  it('finds out at the end that he left a chat in between', async () => {
    await house.enter('ana', 'first')
    await house.ask('first', 'createChat', { id: 'c', name: 'C' })
    const answer = await connect('ana', 'second')
    if (!answer.accept) throw new Error('refused')
    await house.ask('first', 'leaveChat', 'c')
    house.pubsub.open('second', { userId: 'ana', groups: answer.groups ?? [], roles: answer.roles ?? [] })
    await house.api.events.connected({ ...contextOf('second', 'ana'), state: answer.state })
    expect([house.pubsub.groupOf('c'), house.pubsub.mayTalkIn('second')]).toEqual([[], []])
  })
})

describe('presence', () => {
  beforeEach(async () => {
    await house.enter('ben')
    received('ben')
  })

  it('tells everyone of the first tab and of the end of the last one', async () => {
    await house.enter('ana', '1')
    const user = { userId: 'ana', userName: 'ANA', userProvider: 'guest', idle: false }
    expect(received('ben')).toEqual([{ chatEvent: 'userOnline', data: user }])
    await house.enter('ana', '2')
    await house.exit('1')
    expect(received('ben')).toEqual([])
    await house.exit('2')
    expect(received('ben')).toEqual([{ chatEvent: 'userOffline', data: 'ana' }])
  })

  it('tells everyone when all tabs are idle, and when one is not any more', async () => {
    await house.enter('ana', '1')
    await house.enter('ana', '2')
    received('ben')
    await house.ask('1', 'userEnterIdle')
    expect(received('ben')).toEqual([])
    await house.ask('2', 'userEnterIdle', 'ana')
    expect(received('ben')).toEqual([{ chatEvent: 'userIsIdle', data: 'ana' }])
    await house.ask('2', 'userEnterIdle')
    expect(received('ben')).toEqual([])
    await house.ask('1', 'userExitIdle')
    expect(received('ben')).toEqual([{ chatEvent: 'userNotIdle', data: 'ana' }])
  })

  it('tells everyone when the tab that is left is idle, and when a new one opens', async () => {
    await house.enter('ana', '1')
    await house.enter('ana', '2')
    await house.ask('1', 'userEnterIdle')
    received('ben')
    await house.exit('2')
    expect(received('ben')).toEqual([{ chatEvent: 'userIsIdle', data: 'ana' }])
    await house.enter('ana', '3')
    expect(received('ben')).toEqual([{ chatEvent: 'userNotIdle', data: 'ana' }])
  })

  it("does not take somebody else's word for whose tab is idle", async () => {
    await house.enter('ana')
    received('ben')
    await house.ask('ben', 'userEnterIdle', { userId: 'ana' })
    expect(received('ana').at(-1)).toEqual({ chatEvent: 'userIsIdle', data: 'ben' })
  })

  it('is true again after an outage swallowed that somebody came, or went', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatr-api-'))
    const file = join(folder, 'chatr.sqlite')
    house = openHouse({ store: openSqliteStore({ file, busyTimeoutMs: 1 }) })
    const online = async () => (await house.store.onlineUsers()).map(({ userId }) => userId)
    await save('ben')
    await house.enter('ana', '1')
    const intruder = new Database(file)
    intruder.run('BEGIN IMMEDIATE')
    house.pubsub.open('2', { userId: 'ben', groups: [], roles: [] })
    await house.api.events.connected(contextOf('2', 'ben'))
    await house.exit('1')
    intruder.run('ROLLBACK')
    intruder.close()
    expect(await online()).toEqual(['ana'])

    await house.api.healPresence('unheard')
    expect(await online()).toEqual(['ben'])
    expect(received('2').map(({ chatEvent }) => chatEvent)).toEqual(['userOnline', 'userOffline'])
    await house.api.healPresence('unheard')
    expect(received('2')).toEqual([])
    await house.store.close()
    rmSync(folder, { recursive: true })
  })

  it('is true again after it was told that a connection went before that it came', async () => {
    await house.exit('1')
    await save('ana')
    await house.api.events.connected(contextOf('1', 'ana'))
    await house.api.healPresence('all')
    expect((await house.store.onlineUsers()).map(({ userId }) => userId)).toEqual(['ben'])
  })

  it('is logged, and nothing else, when it cannot be stored', async () => {
    await house.store.close()
    await house.api.events.connected(contextOf('1', 'ben'))
    await house.api.events.disconnected(contextOf('1', 'ben'), 'gone')
    expect(house.logged).toMatchObject([{ at: 'connected' }, { at: 'disconnected' }])
  })
})

it('closes all connections of a user who signs out', async () => {
  await save('ana')
  await house.enter('ana', '1')
  await house.enter('ana', '2')
  await house.enter('ben')
  await house.api.signedOut('ana')
  expect(['1', '2', 'ben'].map((id) => house.pubsub.isOpen(id))).toEqual([false, false, true])
})
