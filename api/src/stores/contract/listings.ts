import { limits } from '@chatr/protocol'
import { describe, expect, it } from 'bun:test'
import {
  chatOf,
  entry,
  groupChat,
  listingOf,
  member,
  privateChat,
  said,
  type StoreUnderTest,
  upTo,
} from './store-under-test.ts'

export function testListings(under: StoreUnderTest): void {
  describe('the list of chats', () => {
    it('holds all group chats, and private ones for their two only', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      await store.createChat(privateChat('p'))
      const idsFor = async (userId: string) => (await store.listChats(userId)).map(({ id }) => id).toSorted()
      expect(await idsFor('ana')).toEqual(['c', 'p'])
      expect(await idsFor('ben')).toEqual(['c', 'p'])
      expect(await idsFor('eve')).toEqual(['c'])
    })

    it('tells a member how far he has read, how much he has not, and what was said last', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.appendMessage('c', said('ana', 'first'))
      await store.appendMessage('c', said('ana', 'second'))
      await store.addMember('c', member('eve'), entry())
      await store.moveRead('c', 'ben', 3)
      expect(await listingOf(store, 'ben', 'c')).toMatchObject({
        readPos: 3,
        unread: 1,
        last: { text: 'second', pos: 4 },
      })
      expect(await listingOf(store, 'ana', 'c')).toMatchObject({ readPos: 1, unread: 0 })
    })

    it('tells whoever is not a member nothing of what is said inside', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      await store.appendMessage('c', said('ana'))
      const listing = await listingOf(store, 'eve', 'c')
      expect(listing).toMatchObject({ id: 'c', rev: 2, members: { ana: member('ana') } })
      expect(listing).not.toContainAnyKeys(['readPos', 'unread', 'last'])
    })

    it('begins with everything read for whoever joins', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      await store.appendMessage('c', said('ana'))
      await store.addMember('c', member('ben'), entry())
      expect(await listingOf(store, 'ben', 'c')).toMatchObject({ readPos: 3, unread: 0 })
      await store.appendMessage('c', said('ana'))
      expect(await listingOf(store, 'ben', 'c')).toMatchObject({ unread: 1 })
    })

    it('has no last message where only notices are', async () => {
      await under.store.createChat(groupChat('c'))
      expect(await listingOf(under.store, 'ana', 'c')).not.toContainKey('last')
    })

    it('counts unread messages up to the limit', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await Promise.all(upTo(limits.unreadMax + 1).map(() => store.appendMessage('c', said('ana'))))
      expect(await listingOf(store, 'ben', 'c')).toMatchObject({ unread: limits.unreadMax })
    })

    it('gives one of its chats alone, and not the private one of others', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.createChat(privateChat('p'))
      await store.appendMessage('c', said('ana'))
      expect(await store.findListing('c', 'ben')).toEqual(await listingOf(store, 'ben', 'c'))
      expect(await store.findListing('p', 'ben')).toEqual(await listingOf(store, 'ben', 'p'))
      expect(await store.findListing('p', 'eve')).toBeUndefined()
      expect(await store.findListing('none', 'ana')).toBeUndefined()
    })
  })
}
