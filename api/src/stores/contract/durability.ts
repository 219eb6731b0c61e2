import { describe, expect, it } from 'bun:test'
import { chatOf, groupChat, listingOf, logOf, said, type StoreUnderTest, upTo, user } from './store-under-test.ts'

export function testDurability(under: StoreUnderTest): void {
  describe('opened again', () => {
    it('holds all that was resolved before', async () => {
      const { store } = under
      await store.saveUser(user('ana'))
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.createChat(groupChat('off', { history: 'off' }))
      for (const _ of upTo(5)) await store.appendMessage('c', said('ana'))
      await store.moveRead('c', 'ben', 5)
      const before = [await store.listChats('ben'), await logOf(store, 'c'), await store.findUser('ana')]
      const again = await under.reopen()
      expect([await again.listChats('ben'), await logOf(again, 'c'), await again.findUser('ana')]).toEqual(before)
    })

    it('holds the writes that were under way when it was closed', async () => {
      await under.store.createChat(groupChat('c'))
      const writes = upTo(20).map(() => under.store.appendMessage('c', said('ana')))
      const again = await under.reopen()
      await Promise.all(writes)
      expect(await again.findChat('c')).toMatchObject({ rev: 21 })
    })

    it('goes on counting where it was', async () => {
      await under.store.createChat(groupChat('c'))
      await under.store.appendMessage('c', said('ana'))
      const again = await under.reopen()
      expect(await again.appendMessage('c', said('ana'))).toMatchObject({ rev: 3 })
      expect(await listingOf(again, 'ana', 'c')).toMatchObject({ rev: 3 })
    })
  })

  it('rejects after it was closed', async () => {
    const { store } = under
    await under.reopen()
    expect(store.findChat('c')).rejects.toThrow()
    expect(store.createChat(groupChat('c'))).rejects.toThrow()
  })
}
