import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import type { ChatsResponse, MessagesResponse } from '@chatr/protocol'
import { connect, join, type RawClient } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
let ana: RawClient
let ben: RawClient

beforeAll(async () => {
  chatr = await startChatr()
  ;[ana, ben] = await Promise.all([join(chatr.url, 'Ana', 'github'), join(chatr.url, 'Ben')])
})
afterAll(() => chatr.remove())

const json = async <T>(client: RawClient, route: string) => (await (await client.session.get(route)).json()) as T

async function groupChat(name: string) {
  const id = crypto.randomUUID()
  await ana.ask('createChat', { id, name })
  await ben.ask('joinChat', id)
  return id
}

describe('the record lane', () => {
  it('stores a message that is sent again once, and answers both times alike', async () => {
    const chatId = await groupChat('Once')
    const message = { chatId, id: 'm-1', text: 'once' }
    expect((await ana.ask('sendMessage', message)).ack.success).toBe(true)
    expect((await ana.ask('sendMessage', message)).ack.success).toBe(true)
    const { messages } = await json<MessagesResponse>(ben, `/api/chats/${chatId}/messages`)
    expect(messages.filter(({ id }) => id === 'm-1')).toHaveLength(1)
  })

  it('numbers what ten people say at once without gap or twin, and tells everyone the same', async () => {
    const chatId = await groupChat('Crowd')
    const crowd = await Promise.all(Array.from({ length: 10 }, (_, n) => join(chatr.url, `Person ${n}`)))
    await Promise.all(crowd.map((client) => client.ask('joinChat', chatId)))
    await Promise.all(
      crowd.flatMap((client, n) =>
        Array.from({ length: 20 }, (_, m) => client.ask('sendMessage', { chatId, id: `${n}-${m}`, text: `${n}:${m}` })),
      ),
    )
    await ben.settle()
    const { messages, rev } = await json<MessagesResponse>(ben, `/api/chats/${chatId}/messages?after=0&limit=200`)
    expect(rev).toBe(1 + 1 + 10 + 200)
    const heard = ben
      .heard()
      .flatMap((event) => (event.chatEvent === 'message' && event.data.chatId === chatId ? [event.data] : []))
    expect(heard.map((event) => event.rev)).toEqual(Array.from({ length: 200 }, (_, n) => rev - 199 + n))
    expect(messages.map(({ pos }) => pos)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    await Promise.all(crowd.map((client) => client.close()))
  })

  it('gives pages backwards, around and onwards, and what changed since a rev', async () => {
    const chatId = await groupChat('Pages')
    for (let n = 0; n < 120; n++) await ana.ask('sendMessage', { chatId, id: `m-${n}`, text: `${n}` })
    const positions = async (query: string) => {
      const page = await json<MessagesResponse>(ben, `/api/chats/${chatId}/messages?${query}`)
      return { first: page.messages[0]?.pos, last: page.messages.at(-1)?.pos, more: page.more, rev: page.rev }
    }
    expect(await positions('')).toEqual({ first: 73, last: 122, more: true, rev: 122 })
    expect(await positions('before=73&limit=100')).toEqual({ first: 1, last: 72, more: false, rev: 122 })
    expect(await positions('after=100')).toEqual({ first: 101, last: 122, more: false, rev: 122 })
    expect(await positions('since=120')).toEqual({ first: 121, last: 122, more: false, rev: 122 })
    expect(await positions('around=60&limit=21')).toMatchObject({ first: 50, last: 70 })
    for (const bad of ['before=x', 'before=1&after=2', 'limit=0', 'limit=201', 'since=-1']) {
      expect((await ana.session.get(`/api/chats/${chatId}/messages?${bad}`)).status).toBe(400)
    }
  })
})

describe('the read position', () => {
  it('moves on all devices of one person and never back', async () => {
    const chatId = await groupChat('Reading')
    const phone = await connect(ben.session)
    for (const id of ['m-1', 'm-2', 'm-3']) await ana.ask('sendMessage', { chatId, id, text: id })
    const unread = async () => (await json<ChatsResponse>(ben, '/api/chats')).chats[chatId]
    expect(await unread()).toMatchObject({ unread: 3, last: { text: 'm-3' } })
    await ben.ask('markRead', { chatId, pos: 4 })
    expect(await phone.told('readMoved', (moved) => moved.chatId === chatId)).toEqual({ chatId, pos: 4, unread: 1 })
    await ben.ask('markRead', { chatId, pos: 2 })
    await ben.ask('markRead', { chatId, pos: 4_000 })
    expect(await unread()).toMatchObject({ readPos: 5, unread: 0 })
    await ana.settle()
    expect(ana.heard().some(({ chatEvent }) => chatEvent === 'readMoved')).toBe(false)
    await phone.close()
  })
})

describe('presence', () => {
  it('counts connections: online with the first, offline with the last', async () => {
    const mia = await join(chatr.url, 'Mia', 'aad')
    expect(await ana.told('userOnline', ({ userId }) => userId === mia.userId)).toEqual({
      userId: mia.userId,
      userName: 'Mia',
      userProvider: 'aad',
      idle: false,
    })
    const tab = await connect(mia.session)
    await mia.close()
    await tab.settle()
    await ana.settle()
    expect(ana.heard().some((event) => event.chatEvent === 'userOffline' && event.data === mia.userId)).toBe(false)
    await tab.close()
    await ana.told('userOffline', (userId) => userId === mia.userId)
  })

  it('is idle when all tabs are, and back with the first that is not', async () => {
    const mia = await join(chatr.url, 'Mia idle')
    const tab = await connect(mia.session)
    await mia.ask('userEnterIdle', {})
    await ana.settle()
    expect(ana.heard().some((event) => event.chatEvent === 'userIsIdle' && event.data === mia.userId)).toBe(false)
    await tab.ask('userEnterIdle', {})
    await ana.told('userIsIdle', (userId) => userId === mia.userId)
    await tab.ask('userExitIdle', {})
    await ana.told('userNotIdle', (userId) => userId === mia.userId)
    await Promise.all([mia.close(), tab.close()])
  })

  it('is true again after a crash', async () => {
    const other = await startChatr()
    const mia = await join(other.url, 'Mia')
    await other.stop('SIGKILL')
    await other.startAgain()
    const tess = await join(other.url, 'Tess')
    const { users } = await json<{ users: Record<string, unknown> }>(tess, '/api/users')
    expect(Object.keys(users)).toEqual([tess.userId])
    expect(mia.userId).not.toBe(tess.userId)
    await other.remove()
  })
})

describe('removing a chat', () => {
  it('is told to everyone, and nobody is left in its group', async () => {
    const chatId = await groupChat('Short-lived')
    await ana.ask('deleteChat', chatId)
    expect(await ben.told('chatDeleted', (id) => id === chatId)).toBe(chatId)
    ben.send({ type: 'sendToGroup', group: chatId, ackId: 77, dataType: 'text', data: 'anyone?' })
    expect((await ben.frame(({ ackId }) => ackId === 77)).success).toBe(false)
    expect((await ben.session.get(`/api/chats/${chatId}/messages`)).status).toBe(404)
  })
})

describe('a private chat', () => {
  it('is there again for both after they come back, with its history', async () => {
    await ana.ask('createPrivateChat', { targetUserId: ben.userId })
    const { chatId } = await ben.told('joinPrivateChat', ({ chat }) => chat.history === 'kept')
    await ben.ask('sendMessage', { chatId, id: 'p-1', text: 'see you at ten' })
    const again = await connect(ana.session)
    const { chats } = await json<ChatsResponse>(again, '/api/chats')
    expect(chats[chatId]).toMatchObject({ kind: 'private', last: { text: 'see you at ten' }, unread: 1 })
    await ana.ask('sendMessage', { chatId, id: 'p-2', text: 'fine' })
    await again.told('message', ({ message }) => message.text === 'fine')
    await again.close()
  })
})
