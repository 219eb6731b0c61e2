import { beforeEach, describe, expect, it } from 'bun:test'
import { type House, openHouse } from '../testing/house.ts'

let house: House
beforeEach(async () => {
  house = openHouse()
  for (const userId of ['ana', 'ben', 'eve']) await house.enter(userId)
  forget()
})

const received = (connectionId: string) => house.pubsub.received(connectionId)
const eventsOf = (connectionId: string) => received(connectionId).map(({ chatEvent }) => chatEvent)
const forget = () => ['ana', 'ana-2', 'ben', 'eve'].forEach((id) => received(id))
const member = (userId: string) => ({ userId, userName: userId.toUpperCase() })
const revOf = async (chatId: string) => (await house.store.findChat(chatId))?.rev

describe('createChat', () => {
  it('makes the asker owner and member, lets all his tabs talk in it, and tells everyone', async () => {
    await house.enter('ana', 'ana-2')
    forget()
    expect(await house.ask('ana', 'createChat', { id: 'c', name: '  Cat   pictures ' })).toBeUndefined()
    const chat = await house.store.findChat('c')
    expect(chat).toMatchObject({ name: 'Cat pictures', owner: 'ana', members: { ana: member('ana') }, history: 'kept' })
    for (const id of ['ana', 'ana-2', 'ben', 'eve']) {
      expect(received(id)).toEqual([{ chatEvent: 'chatCreated', data: chat }])
    }
    expect(house.pubsub.groupOf('c')).toEqual(['ana', 'ana-2'])
    expect(['ana', 'ana-2', 'ben'].map((id) => house.pubsub.mayTalkIn(id))).toEqual([['c'], ['c'], []])
  })

  it('is told to everyone also when he has more chats than the service gives permissions for', async () => {
    for (let n = 0; n <= 1_000; n++) await house.ask('ana', 'createChat', { id: `c${n}`, name: 'One of many' })
    expect(received('ben')).toHaveLength(1_001)
    expect(house.pubsub.groupOf('c1000')).toEqual(['ana'])
    expect(await house.ask('ben', 'joinChat', 'c1000')).toBeUndefined()
  })

  it('refuses an id that exists and changes nothing', async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'Mine' })
    forget()
    expect(await house.ask('eve', 'createChat', { id: 'c', name: 'Stolen' })).toMatchObject({
      event: 'createChat',
      ref: 'c',
      code: 'Duplicate',
    })
    expect(await house.store.findChat('c')).toMatchObject({ name: 'Mine', owner: 'ana' })
    expect([house.pubsub.groupOf('c'), eventsOf('ana'), eventsOf('eve')]).toEqual([['ana'], [], []])
  })

  it('refuses an id of the kind that private chats have', async () => {
    const failure = await house.ask('eve', 'createChat', { id: 'private-abc', name: 'Trap' })
    expect(failure?.code).toBe('BadRequest')
    expect(await house.store.findChat('private-abc')).toBeUndefined()
  })

  for (const name of ['', '   ', '\u200b', 'x'.repeat(101)]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 8))} of ${name.length} characters`, async () => {
      const failure = await house.ask('ana', 'createChat', { id: 'c', name })
      expect(failure).toMatchObject({ code: 'BadRequest', message: expect.stringMatching(/^name: /) })
      expect(await house.store.findChat('c')).toBeUndefined()
    })
  }
})

describe('joinChat', () => {
  beforeEach(async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.enter('ben', 'ben-2')
    forget()
    received('ben-2')
  })

  it('brings all tabs of the asker into the group and tells the members, him included', async () => {
    expect(await house.ask('ben', 'joinChat', 'c')).toBeUndefined()
    expect(house.pubsub.groupOf('c')).toEqual(['ana', 'ben', 'ben-2'])
    expect(house.pubsub.mayTalkIn('ben-2')).toEqual(['c'])
    const [event] = received('ana')
    expect(event).toMatchObject({
      chatEvent: 'memberChanged',
      data: { chatId: 'c', rev: 2, change: 'joined', member: member('ben'), message: { kind: 'joined', pos: 2 } },
    })
    expect([received('ben'), received('ben-2'), received('eve')]).toEqual([
      event ? [event] : [],
      event ? [event] : [],
      [],
    ])
  })

  it('takes the chat id as text, as an object and as JSON in text', async () => {
    const forms = ['c', { chatId: 'c' }, '{"chatId":"c"}', '"c"']
    for (const data of forms) {
      expect(await house.ask('ben', 'joinChat', data)).toBeUndefined()
      expect(await house.ask('ben', 'leaveChat', data)).toBeUndefined()
    }
    expect(await revOf('c')).toBe(1 + 2 * forms.length)
  })

  it('changes and tells nothing when he is in it already', async () => {
    await house.ask('ben', 'joinChat', 'c')
    forget()
    expect(await house.ask('ben', 'joinChat', 'c')).toBeUndefined()
    expect([await revOf('c'), eventsOf('ana'), eventsOf('ben')]).toEqual([2, [], []])
  })

  it('refuses a chat that is not there', async () => {
    expect(await house.ask('ben', 'joinChat', { chatId: 'none', ref: 'r1' })).toMatchObject({
      code: 'NotFound',
      ref: 'r1',
    })
  })

  it('leaves him in or out as the store says when he joins and leaves at once', async () => {
    for (let round = 0; round < 10; round++) {
      await Promise.all(['joinChat', 'leaveChat', 'joinChat', 'leaveChat'].map((name) => house.ask('ben', name, 'c')))
      const isMember = (await house.store.chatIdsOf('ben')).includes('c')
      expect(house.pubsub.groupOf('c').includes('ben-2')).toBe(isMember)
      expect(house.pubsub.mayTalkIn('ben')).toEqual(isMember ? ['c'] : [])
    }
  })
})

describe('leaveChat', () => {
  beforeEach(async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ben', 'joinChat', 'c')
    forget()
  })

  it('tells the members, him included, and takes the group and the permission away', async () => {
    expect(await house.ask('ben', 'leaveChat', 'c')).toBeUndefined()
    for (const id of ['ana', 'ben']) {
      const data = { chatId: 'c', rev: 3, change: 'left', member: member('ben'), message: { kind: 'left' } }
      expect(received(id)).toMatchObject([{ chatEvent: 'memberChanged', data }])
    }
    expect([house.pubsub.groupOf('c'), house.pubsub.mayTalkIn('ben'), eventsOf('eve')]).toEqual([['ana'], [], []])
  })

  it('refuses whoever is not in it', async () => {
    expect(await house.ask('eve', 'leaveChat', 'c')).toMatchObject({ code: 'Forbidden', ref: 'c' })
  })

  it('leaves the chat to its owner who left', async () => {
    await house.ask('ana', 'leaveChat', 'c')
    expect(await house.store.findChat('c')).toMatchObject({ owner: 'ana', members: { ben: member('ben') } })
    expect(await house.ask('ana', 'deleteChat', 'c')).toBeUndefined()
  })
})

describe('deleteChat', () => {
  it('tells everyone and leaves nobody in the group', async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ben', 'joinChat', 'c')
    forget()
    expect(await house.ask('ana', 'deleteChat', 'c')).toBeUndefined()
    for (const id of ['ana', 'ben', 'eve']) expect(received(id)).toEqual([{ chatEvent: 'chatDeleted', data: 'c' }])
    expect(house.pubsub.groupOf('c')).toEqual([])
    expect(['ana', 'ben'].map((id) => house.pubsub.mayTalkIn(id))).toEqual([[], []])
    expect(await house.store.findChat('c')).toBeUndefined()
    expect(await house.ask('ana', 'deleteChat', 'c')).toMatchObject({ code: 'NotFound' })
  })

  it('comes before the new chat of that id that another makes at once, and leaves that one alone', async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ben', 'joinChat', 'c')
    await house.enter('ana', 'ana-2')
    forget()
    const answers = await Promise.all([
      house.ask('ana', 'deleteChat', 'c'),
      house.ask('eve', 'createChat', { id: 'c', name: 'Anew' }),
      house.ask('ana-2', 'deleteChat', 'c'),
      house.ask('ben', 'joinChat', 'c'),
    ])
    expect(answers.map((failure) => failure?.code)).toEqual([undefined, undefined, 'NotFound', undefined])
    expect(eventsOf('ana')).toEqual(['chatDeleted', 'chatCreated'])
    expect(await house.store.findChat('c')).toMatchObject({ name: 'Anew', owner: 'eve' })
    expect(house.pubsub.groupOf('c')).toEqual(['ben', 'eve'])
    expect(['ana', 'ben', 'eve'].map((id) => house.pubsub.mayTalkIn(id))).toEqual([[], ['c'], ['c']])
  })

  it('refuses everyone but the owner', async () => {
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ben', 'joinChat', 'c')
    for (const id of ['ben', 'eve']) expect(await house.ask(id, 'deleteChat', 'c')).toMatchObject({ code: 'Forbidden' })
    expect(await revOf('c')).toBe(2)
  })
})

describe('a private chat', () => {
  const begin = async (history: 'kept' | 'off' = 'kept') => {
    expect(await house.ask('ana', 'createPrivateChat', { targetUserId: 'ben', history })).toBeUndefined()
    return (await house.store.chatIdsOf('ben'))[0] ?? ''
  }

  it('begins for both, and nobody else hears of it', async () => {
    const chatId = await begin()
    const chat = { id: chatId, name: 'ANA and BEN', kind: 'private', owner: 'ana', readPos: 1, unread: 0 }
    const event = { chatEvent: 'joinPrivateChat', data: { chatId, userId: 'ana', userName: 'ANA', chat } }
    expect(received('ana')).toMatchObject([event])
    expect(received('ben')).toMatchObject([event])
    expect(received('eve')).toEqual([])
    expect(house.pubsub.groupOf(chatId)).toEqual(['ana', 'ben'])
    expect(house.pubsub.mayTalkIn('ben')).toEqual([chatId])
  })

  it('is the same one whoever of the two asks again, and only he is answered', async () => {
    const chatId = await begin()
    forget()
    expect(await house.ask('ben', 'createPrivateChat', { targetUserId: 'ana' })).toBeUndefined()
    expect(received('ben')).toMatchObject([{ chatEvent: 'joinPrivateChat', data: { chatId, userId: 'ana' } }])
    expect([eventsOf('ana'), await house.store.chatIdsOf('ana')]).toEqual([[], [chatId]])
  })

  it('is one that is kept and one off the record', async () => {
    await begin('kept')
    await begin('off')
    expect(await house.store.chatIdsOf('ben')).toHaveLength(2)
  })

  it('is created once when both ask at once', async () => {
    await Promise.all([
      house.ask('ana', 'createPrivateChat', { targetUserId: 'ben' }),
      house.ask('ben', 'createPrivateChat', { targetUserId: 'ana' }),
    ])
    expect(await house.store.chatIdsOf('ben')).toHaveLength(1)
  })

  it('reaches somebody who is offline when he comes', async () => {
    await house.exit('ben')
    const chatId = await begin()
    await house.enter('ben')
    expect(house.pubsub.groupOf(chatId)).toEqual(['ana', 'ben'])
    expect(house.pubsub.mayTalkIn('ben')).toEqual([chatId])
  })

  it('needs somebody else who is known', async () => {
    expect(await house.ask('ana', 'createPrivateChat', { targetUserId: 'nobody' })).toMatchObject({ code: 'NotFound' })
    expect(await house.ask('ana', 'createPrivateChat', { targetUserId: 'ana' })).toMatchObject({ code: 'BadRequest' })
  })

  it('answers everybody else, whatever he tries, as if it was not there', async () => {
    const chatId = await begin()
    forget()
    const attempts: [name: string, data: (chatId: string) => unknown][] = [
      ['joinChat', (id) => id],
      ['leaveChat', (id) => id],
      ['deleteChat', (id) => id],
      ['sendMessage', (id) => ({ chatId: id, id: 'm1', text: 'hello' })],
      ['markRead', (id) => ({ chatId: id, pos: 1 })],
    ]
    for (const [name, data] of attempts) {
      const missing = await house.ask('eve', name, data('private-none'))
      const failure = await house.ask('eve', name, data(chatId))
      expect(failure?.code).toBe('NotFound')
      expect(JSON.stringify(failure).replaceAll(chatId, 'private-none')).toBe(JSON.stringify(missing))
    }
    expect([house.pubsub.groupOf(chatId), await revOf(chatId)]).toEqual([['ana', 'ben'], 1])
    expect([eventsOf('ana'), eventsOf('ben'), eventsOf('eve')]).toEqual([[], [], []])
  })

  it('that keeps history is neither left nor deleted', async () => {
    const chatId = await begin()
    for (const name of ['leaveChat', 'deleteChat']) {
      expect(await house.ask('ana', name, chatId)).toMatchObject({ code: 'Forbidden' })
    }
  })

  it('off the record is deleted by either, and only the two hear of it', async () => {
    const chatId = await begin('off')
    forget()
    expect(await house.ask('ben', 'deleteChat', chatId)).toBeUndefined()
    expect([eventsOf('ana'), eventsOf('ben'), eventsOf('eve')]).toEqual([['chatDeleted'], ['chatDeleted'], []])
    expect([house.pubsub.groupOf(chatId), house.pubsub.mayTalkIn('ana')]).toEqual([[], []])
  })
})
