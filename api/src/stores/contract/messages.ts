import { describe, expect, it } from 'bun:test'
import type { ChatStore, MessageRange } from '../../ports.ts'
import { chatOf, entry, groupChat, logOf, member, said, type StoreUnderTest, upTo } from './store-under-test.ts'

export function testMessages(under: StoreUnderTest): void {
  describe('appending', () => {
    it('gives a message the next rev as its place', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const { id, at } = entry()
      const message = { id, at, pos: 2, rev: 2, kind: 'message', from: member('ana'), text: 'Grüße 👋\nalle' } as const
      const appended = await store.appendMessage('c', { id, at, from: 'ana', text: message.text })
      expect(appended).toEqual({ outcome: 'appended', rev: 2, message })
      expect((await logOf(store, 'c')).at(-1)).toEqual(message)
      expect((await store.findChat('c'))?.rev).toBe(2)
    })

    it('answers the same id again with the stored message and stores nothing', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const first = said('ana', 'once')
      const appended = await store.appendMessage('c', first)
      await store.appendMessage('c', said('ana'))
      const again = await store.appendMessage('c', { ...first, text: 'twice', at: entry().at })
      expect(again).toMatchObject({ ...appended, outcome: 'repeated' })
      expect((await store.findChat('c'))?.rev).toBe(3)
    })

    it('stores one of many appends of one id at once', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const message = said('ana')
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.appendMessage('c', message)))
      expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1)
      expect(outcomes.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(9)
      expect((await store.findChat('c'))?.rev).toBe(2)
    })

    it('takes the same id in another chat', async () => {
      const { store } = under
      const message = said('ana')
      for (const id of ['c', 'd']) {
        await store.createChat(groupChat(id))
        expect(await store.appendMessage(id, message)).toMatchObject({ outcome: 'appended' })
      }
    })

    it("refuses an id that is that of another's message or of a notice", async () => {
      const { store } = under
      const chat = groupChat('c')
      await store.createChat(chat)
      await store.addMember('c', member('ben'), entry())
      const message = said('ana')
      await store.appendMessage('c', message)
      expect(await store.appendMessage('c', { ...message, from: 'ben' })).toEqual({ outcome: 'conflict' })
      expect(await store.appendMessage('c', { ...said('ana'), id: chat.entryId })).toEqual({ outcome: 'conflict' })
      expect((await store.findChat('c'))?.rev).toBe(3)
    })

    it('refuses whoever is not, or is no longer, a member', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.removeMember('c', 'ben', entry())
      expect(await store.appendMessage('c', said('ben'))).toEqual({ outcome: 'not-member' })
      expect(await store.appendMessage('c', said('eve'))).toEqual({ outcome: 'not-member' })
      expect((await store.findChat('c'))?.rev).toBe(3)
    })

    it('numbers a hundred concurrent appends without gap or twin', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const appended = await Promise.all(upTo(100).map(() => store.appendMessage('c', said('ana'))))
      const revs = appended.map((outcome) => ('rev' in outcome ? outcome.rev : 0)).toSorted((a, b) => a - b)
      expect(revs).toEqual(upTo(100).map((n) => n + 1))
    })
  })

  describe('reading', () => {
    /** Entries 1 (created) to 10. */
    const tenEntries = async (store: ChatStore) => {
      await store.createChat(groupChat('c'))
      for (const n of upTo(9)) await store.appendMessage('c', said('ana', `${n + 1}`))
    }
    const pages: [range: MessageRange, pos: number[], more: boolean][] = [
      [{ from: 'newest', limit: 3 }, [8, 9, 10], true],
      [{ from: 'newest', limit: 10 }, upTo(10), false],
      [{ from: 'before', pos: 8, limit: 3 }, [5, 6, 7], true],
      [{ from: 'before', pos: 4, limit: 3 }, [1, 2, 3], false],
      [{ from: 'before', pos: 1, limit: 3 }, [], false],
      [{ from: 'after', pos: 4, limit: 3 }, [5, 6, 7], true],
      [{ from: 'after', pos: 7, limit: 3 }, [8, 9, 10], false],
      [{ from: 'after', pos: 10, limit: 3 }, [], false],
      [{ from: 'around', pos: 5, limit: 4 }, [3, 4, 5, 6], true],
      [{ from: 'around', pos: 5, limit: 5 }, [3, 4, 5, 6, 7], true],
      [{ from: 'around', pos: 2, limit: 4 }, [1, 2, 3], false],
      [{ from: 'since', rev: 6, limit: 3 }, [7, 8, 9], true],
      [{ from: 'since', rev: 7, limit: 3 }, [8, 9, 10], false],
      [{ from: 'since', rev: 10, limit: 3 }, [], false],
    ]
    for (const [range, pos, more] of pages) {
      it(`gives the entries ${pos.join(', ') || 'of no place'} for ${JSON.stringify(range)}`, async () => {
        await tenEntries(under.store)
        const page = await under.store.readMessages('c', range)
        expect(page?.messages.map((message) => message.pos)).toEqual(pos)
        expect([page?.more, page?.rev]).toEqual([more, 10])
      })
    }
  })

  describe('read positions', () => {
    it('move forward, never back and not beyond the rev', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      for (const _ of upTo(4)) await store.appendMessage('c', said('ana'))
      expect(await store.moveRead('c', 'ben', 4)).toEqual({ outcome: 'moved', pos: 4, unread: 2 })
      expect(await store.moveRead('c', 'ben', 4)).toEqual({ outcome: 'unmoved', pos: 4, unread: 2 })
      expect(await store.moveRead('c', 'ben', 3)).toEqual({ outcome: 'unmoved', pos: 4, unread: 2 })
      expect(await store.moveRead('c', 'ben', 1_000)).toEqual({ outcome: 'moved', pos: 6, unread: 0 })
    })

    it('are for members only', async () => {
      await under.store.createChat(groupChat('c'))
      expect(await under.store.moveRead('c', 'eve', 1)).toEqual({ outcome: 'not-member' })
    })

    it('count neither notices nor what one said oneself', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.appendMessage('c', said('ben'))
      await store.addMember('c', member('eve'), entry())
      await store.appendMessage('c', said('eve'))
      expect(await store.moveRead('c', 'ben', 0)).toEqual({ outcome: 'unmoved', pos: 2, unread: 1 })
    })
  })
}
