import { limits } from '@chatr/protocol'
import { beforeEach, describe, expect, it } from 'bun:test'
import { type House, openHouse } from '../testing/house.ts'

let house: House
beforeEach(async () => {
  house = openHouse()
  for (const userId of ['ana', 'ben', 'eve']) await house.enter(userId)
  await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
  await house.ask('ben', 'joinChat', 'c')
  forget()
})

const received = (connectionId: string) => house.pubsub.received(connectionId)
const forget = () => ['ana', 'ben', 'eve'].forEach((id) => received(id))
const revOf = async (chatId: string) => (await house.store.findChat(chatId))?.rev

describe('sendMessage', () => {
  it('stores the message and tells the members and nobody else', async () => {
    expect(await house.ask('ben', 'sendMessage', { chatId: 'c', id: 'm1', text: 'hello\r\nthere' })).toBeUndefined()
    const page = await house.store.readMessages('c', { from: 'newest', limit: 1 })
    const message = {
      id: 'm1',
      pos: 3,
      rev: 3,
      kind: 'message',
      from: { userId: 'ben', userName: 'BEN' },
      text: 'hello\nthere',
    }
    expect(page?.messages).toMatchObject([message])
    for (const id of ['ana', 'ben']) {
      expect(received(id)).toMatchObject([{ chatEvent: 'message', data: { chatId: 'c', rev: 3, message } }])
    }
    expect(received('eve')).toEqual([])
  })

  it('answers the same message again alike, stores it once, and sends it to the asking connection only', async () => {
    await house.ask('ben', 'sendMessage', { chatId: 'c', id: 'm1', text: 'hello' })
    const [first] = received('ben')
    await house.ask('ana', 'sendMessage', { chatId: 'c', id: 'm2', text: 'and then' })
    forget()
    expect(await house.ask('ben', 'sendMessage', { chatId: 'c', id: 'm1', text: 'hello' })).toBeUndefined()
    expect(received('ben')).toEqual(first ? [first] : [])
    expect([received('ana'), await revOf('c')]).toEqual([[], 4])
  })

  const refused: [what: string, connectionId: string, data: object, code: string][] = [
    ['whoever is not in the chat', 'eve', { chatId: 'c', id: 'm1', text: 'hello' }, 'Forbidden'],
    ['a chat that is not there', 'ana', { chatId: 'none', id: 'm1', text: 'hello' }, 'NotFound'],
    ['a blank text', 'ana', { chatId: 'c', id: 'm1', text: ' \n' }, 'BadRequest'],
    [
      'a text over the limit',
      'ana',
      { chatId: 'c', id: 'm1', text: 'x'.repeat(limits.messageTextMaxLength + 1) },
      'TooLarge',
    ],
    ['an id that is no id', 'ana', { chatId: 'c', id: 'm 1', text: 'hello' }, 'BadRequest'],
    ['a chat off the record', 'ana', { chatId: 'off', id: 'm1', text: 'hello' }, 'Forbidden'],
  ]
  for (const [what, connectionId, data, code] of refused) {
    it(`refuses ${what}`, async () => {
      await house.ask('ana', 'createChat', { id: 'off', name: 'Off', history: 'off' })
      forget()
      const failure = await house.ask(connectionId, 'sendMessage', data)
      expect(failure).toMatchObject({ event: 'sendMessage', code })
      expect([await revOf('c'), await revOf('off')]).toEqual([2, 1])
      expect([received('ana'), received('ben')]).toEqual([[], []])
    })
  }

  it("refuses the id of another's message", async () => {
    await house.ask('ben', 'sendMessage', { chatId: 'c', id: 'm1', text: 'hello' })
    const failure = await house.ask('ana', 'sendMessage', { chatId: 'c', id: 'm1', text: 'mine' })
    expect(failure).toMatchObject({ code: 'Duplicate', ref: 'm1' })
  })

  it('takes the sender from the connection, whatever the data says', async () => {
    const data = { chatId: 'c', id: 'm1', text: 'hello', from: 'ana', userId: 'ana', fromUserId: 'ana' }
    await house.ask('ben', 'sendMessage', data)
    expect(received('ana')).toMatchObject([{ data: { message: { from: { userId: 'ben' } } } }])
  })
})

describe('markRead', () => {
  beforeEach(async () => {
    for (const id of ['m1', 'm2']) await house.ask('ana', 'sendMessage', { chatId: 'c', id, text: 'hello' })
    await house.enter('ben', 'ben-2')
    forget()
    received('ben-2')
  })

  it('tells all tabs of the reader, and nobody else', async () => {
    expect(await house.ask('ben', 'markRead', { chatId: 'c', pos: 3 })).toBeUndefined()
    const event = { chatEvent: 'readMoved', data: { chatId: 'c', pos: 3, unread: 1 } }
    expect([received('ben'), received('ben-2'), received('ana')]).toEqual([[event], [event], []])
  })

  it('tells nothing when it does not move forward', async () => {
    await house.ask('ben', 'markRead', { chatId: 'c', pos: 4 })
    forget()
    expect(await house.ask('ben', 'markRead', { chatId: 'c', pos: 3 })).toBeUndefined()
    expect(received('ben')).toEqual([])
  })

  it('refuses an outsider and a position that is none', async () => {
    expect(await house.ask('eve', 'markRead', { chatId: 'c', pos: 3 })).toMatchObject({ code: 'Forbidden' })
    const failure = await house.ask('ben', 'markRead', { chatId: 'c', pos: -1 })
    expect(failure).toMatchObject({ code: 'BadRequest', message: expect.stringMatching(/^pos: /) })
  })
})

describe('an event', () => {
  it('of no known name is refused', async () => {
    expect(await house.ask('ana', 'toString', { ref: 'r' })).toMatchObject({
      event: 'toString',
      code: 'BadRequest',
      ref: 'r',
    })
  })

  for (const payload of [
    { dataType: 'text', data: '{"chatId":' },
    { dataType: 'binary', data: new Uint8Array([1, 2]) },
    { dataType: 'json', data: [1] },
  ] as const) {
    it(`with ${payload.dataType} data that cannot be read is refused`, async () => {
      const reply = await house.raise('ana', 'joinChat', payload)
      expect(reply).toMatchObject({ chatEvent: 'failed', data: { event: 'joinChat', code: 'BadRequest' } })
    })
  }

  it('from a connection of nobody is refused', async () => {
    expect(await house.ask('stranger', 'joinChat', 'c')).toMatchObject({ code: 'Forbidden' })
  })

  it('that meets an outage is answered with Unavailable and logged once', async () => {
    await house.store.close()
    const failure = await house.ask('ana', 'sendMessage', { chatId: 'c', id: 'm1', text: 'hello', ref: 'r1' })
    expect(failure).toMatchObject({ event: 'sendMessage', code: 'Unavailable', ref: 'r1' })
    expect(house.logged).toMatchObject([
      { level: 'error', event: 'outage', at: 'event', name: 'sendMessage', userId: 'ana' },
    ])
    expect(JSON.stringify(house.logged)).not.toContain('hello')
  })
})
