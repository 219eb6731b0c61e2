import { describe, expect, it } from 'bun:test'
import { chatOf, entry, said, type StoreUnderTest, user } from './store-under-test.ts'

const nothing = { wentOffline: false, wentIdle: false, cameBack: false }

export function testUsers(under: StoreUnderTest): void {
  describe('users', () => {
    it('knows a user who was saved, and nobody else', async () => {
      await under.store.saveUser(user('ana'))
      expect(await under.store.findUser('ana')).toEqual(user('ana'))
      expect(await under.store.findUser('ben')).toBeUndefined()
    })

    it('renames a user also in his chats, and leaves what he said under the name he had', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.appendMessage('c', said('ana'))
      await store.saveUser({ ...user('ana'), userName: 'Anna' })
      expect((await store.findUser('ana'))?.userName).toBe('Anna')
      const chat = await store.findChat('c')
      expect(chat?.members).toEqual({
        ana: { userId: 'ana', userName: 'Anna' },
        ben: { userId: 'ben', userName: 'BEN' },
      })
      const page = await store.readMessages('c', { from: 'newest', limit: 1 })
      expect(page?.messages[0]?.from.userName).toBe('ANA')
      const appended = await store.appendMessage('c', said('ana'))
      expect(appended).toMatchObject({ message: { from: { userName: 'Anna' } } })
    })
  })

  describe('presence', () => {
    const online = async () => (await under.store.onlineUsers()).map(({ userId, idle }) => [userId, idle])

    it('brings a user online with his first connection only', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      expect(await store.addConnection('1', 'ana')).toEqual({ cameOnline: true, cameBack: false })
      expect(await store.addConnection('2', 'ana')).toEqual({ cameOnline: false, cameBack: false })
      expect(await store.onlineUsers()).toEqual([{ ...user('ana'), idle: false }])
      expect((await store.connectionsOf('ana')).toSorted()).toEqual(['1', '2'])
    })

    it('changes nothing when a connection is added twice', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.setIdle('1', true)
      expect(await store.addConnection('1', 'ana')).toEqual({ cameOnline: false, cameBack: false })
      expect(await store.connectionsOf('ana')).toEqual(['1'])
      expect(await online()).toEqual([['ana', true]])
    })

    it('takes a user offline with his last connection only', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.addConnection('2', 'ana')
      expect(await store.removeConnection('1')).toEqual({ ...nothing, userId: 'ana' })
      expect(await store.removeConnection('2')).toEqual({ ...nothing, userId: 'ana', wentOffline: true })
      expect(await store.removeConnection('2')).toEqual({ ...nothing, userId: undefined })
      expect(await online()).toEqual([])
    })

    it('calls a user idle when all his connections are, and tells each change once', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.addConnection('2', 'ana')
      expect(await store.setIdle('1', true)).toEqual({ ...nothing, userId: 'ana' })
      expect(await online()).toEqual([['ana', false]])
      expect(await store.setIdle('2', true)).toEqual({ ...nothing, userId: 'ana', wentIdle: true })
      expect(await store.setIdle('2', true)).toEqual({ ...nothing, userId: 'ana' })
      expect(await online()).toEqual([['ana', true]])
      expect(await store.setIdle('1', false)).toEqual({ ...nothing, userId: 'ana', cameBack: true })
      expect(await store.setIdle('1', false)).toEqual({ ...nothing, userId: 'ana' })
      expect(await store.setIdle('unknown', true)).toEqual({ ...nothing, userId: undefined })
    })

    it('calls a user idle when the connection that was not goes', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.addConnection('2', 'ana')
      await store.setIdle('1', true)
      expect(await store.removeConnection('2')).toEqual({ ...nothing, userId: 'ana', wentIdle: true })
      expect(await online()).toEqual([['ana', true]])
    })

    it('brings an idle user back with a new connection', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.setIdle('1', true)
      expect(await store.addConnection('2', 'ana')).toEqual({ cameOnline: false, cameBack: true })
      expect(await online()).toEqual([['ana', false]])
    })

    it('tells one of many connections that come and go at once that it was the first, and one the last', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      const ids = Array.from({ length: 20 }, () => entry().id)
      const added = await Promise.all(ids.map((id) => store.addConnection(id, 'ana')))
      expect(added.filter(({ cameOnline }) => cameOnline)).toHaveLength(1)
      const removed = await Promise.all(ids.map((id) => store.removeConnection(id)))
      expect(removed.filter(({ wentOffline }) => wentOffline)).toHaveLength(1)
    })

    it('forgets every connection when asked to', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await store.addConnection('1', 'ana')
      await store.clearConnections()
      expect(await online()).toEqual([])
      expect(await store.connectionsOf('ana')).toEqual([])
    })
  })
}
