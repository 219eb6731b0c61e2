import { describe, expect, it } from 'bun:test'
import { chatOf, entry, groupChat, logOf, member, privateChat, said, type StoreUnderTest } from './store-under-test.ts'

export function testChats(under: StoreUnderTest): void {
  describe('chats', () => {
    it('creates a chat with its creator inside and the entry `created` first in its log', async () => {
      const { store } = under
      const chat = groupChat('c')
      const expected = {
        id: 'c',
        name: 'Chat c',
        kind: 'group',
        history: 'kept',
        owner: 'ana',
        members: { ana: member('ana') },
        rev: 1,
        createdAt: chat.at,
      } as const
      expect(await store.createChat(chat)).toEqual({ outcome: 'created', chat: expected })
      expect(await store.findChat('c')).toEqual(expected)
      expect(await store.readMessages('c', { from: 'newest', limit: 10 })).toEqual({
        rev: 1,
        more: false,
        messages: [{ id: chat.entryId, pos: 1, rev: 1, kind: 'created', from: member('ana'), text: '', at: chat.at }],
      })
    })

    it('leaves a chat that exists as it is', async () => {
      const { store } = under
      const { chat } = await store.createChat(groupChat('c'))
      const again = await store.createChat(groupChat('c', { name: 'Mine now', owner: member('eve') }))
      expect(again).toEqual({ outcome: 'exists', chat })
      expect(await store.findChat('c')).toEqual(chat)
      expect(await logOf(store, 'c')).toHaveLength(1)
    })

    it('creates one of two chats that are created with the same id at once', async () => {
      const { store } = under
      const both = await Promise.all([store.createChat(groupChat('c')), store.createChat(groupChat('c'))])
      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['created', 'exists'])
    })

    it('puts both into a private chat', async () => {
      const { chat } = await under.store.createChat(privateChat('p'))
      expect(chat).toMatchObject({ kind: 'private', members: { ana: member('ana'), ben: member('ben') }, rev: 1 })
    })

    it('knows no chat that was not created', async () => {
      const { store } = under
      expect(await store.findChat('c')).toBeUndefined()
      expect(await store.deleteChat('c', 'ana')).toEqual({ outcome: 'missing' })
      expect(await store.addMember('c', member('ana'), entry())).toEqual({ outcome: 'missing' })
      expect(await store.removeMember('c', 'ana', entry())).toEqual({ outcome: 'missing' })
      expect(await store.appendMessage('c', said('ana'))).toEqual({ outcome: 'missing' })
      expect(await store.readMessages('c', { from: 'newest', limit: 1 })).toBeUndefined()
      expect(await store.moveRead('c', 'ana', 1)).toEqual({ outcome: 'missing' })
    })

    it('removes a chat with all it held, so that a new one of that id begins anew', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      await store.appendMessage('c', said('ben'))
      expect(await store.deleteChat('c', 'ana')).toEqual({ outcome: 'deleted', memberIds: ['ana', 'ben'] })
      expect(await store.findChat('c')).toBeUndefined()
      expect(await store.chatIdsOf('ben')).toEqual([])
      await store.createChat(groupChat('c'))
      expect(await store.findChat('c')).toMatchObject({ rev: 1, members: { ana: member('ana') } })
      expect(await logOf(store, 'c')).toHaveLength(1)
    })
  })

  describe('members', () => {
    it('adds a member with the entry `joined`', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const { id, at } = entry()
      const message = { id, at, pos: 2, rev: 2, kind: 'joined', from: member('ben'), text: '' } as const
      const added = await store.addMember('c', member('ben'), { id, at })
      expect(added).toMatchObject({ outcome: 'added', rev: 2, message })
      expect(added).toMatchObject({ chat: { rev: 2, members: { ben: member('ben') } } })
      expect((await logOf(store, 'c')).at(-1)).toEqual(message)
      expect(await store.chatIdsOf('ben')).toEqual(['c'])
    })

    it('changes nothing for one who is a member already', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const again = await store.addMember('c', member('ana'), entry())
      expect(again).toMatchObject({ outcome: 'already', rev: 1, message: undefined })
      expect(await logOf(store, 'c')).toHaveLength(1)
    })

    it('removes a member with the entry `left`', async () => {
      const { store } = under
      await chatOf(store, 'c', ['ana', 'ben'])
      const removed = await store.removeMember('c', 'ben', entry())
      expect(removed).toMatchObject({
        outcome: 'removed',
        rev: 3,
        message: { pos: 3, kind: 'left', from: member('ben') },
      })
      expect(Object.keys((await store.findChat('c'))?.members ?? {})).toEqual(['ana'])
      expect(await store.chatIdsOf('ben')).toEqual([])
      expect(await store.removeMember('c', 'ben', entry())).toMatchObject({ outcome: 'not-member', rev: 3 })
    })

    it('keeps both members when two join at once', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const joined = await Promise.all(['ben', 'eve'].map((userId) => store.addMember('c', member(userId), entry())))
      expect(joined.map((outcome) => ('rev' in outcome ? outcome.rev : 0)).toSorted((a, b) => a - b)).toEqual([2, 3])
      expect(Object.keys((await store.findChat('c'))?.members ?? {}).toSorted()).toEqual(['ana', 'ben', 'eve'])
    })

    it('tells exactly one of many attempts to join at once that he was added', async () => {
      const { store } = under
      await store.createChat(groupChat('c'))
      const joined = await Promise.all(Array.from({ length: 10 }, () => store.addMember('c', member('ben'), entry())))
      expect(joined.filter(({ outcome }) => outcome === 'added')).toHaveLength(1)
      expect((await store.findChat('c'))?.rev).toBe(2)
    })
  })

  describe('a chat off the record', () => {
    it('counts its revs and writes no entry of any kind', async () => {
      const { store } = under
      expect(await store.createChat(groupChat('c', { history: 'off' }))).toMatchObject({ chat: { rev: 1 } })
      expect(await store.addMember('c', member('ben'), entry())).toMatchObject({ rev: 2, message: undefined })
      expect(await store.removeMember('c', 'ben', entry())).toMatchObject({ rev: 3, message: undefined })
      expect(await store.appendMessage('c', said('ana'))).toEqual({ outcome: 'off-record' })
      expect(await store.readMessages('c', { from: 'newest', limit: 10 })).toEqual({
        messages: [],
        rev: 3,
        more: false,
      })
    })

    it('tells an outsider that he is one before it tells him that nothing is kept', async () => {
      await under.store.createChat(groupChat('c', { history: 'off' }))
      expect(await under.store.appendMessage('c', said('eve'))).toEqual({ outcome: 'not-member' })
    })
  })
}
