import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { limits } from '@chatr/protocol'
import { connect as tcpConnect } from 'node:net'
import { join, type RawClient } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
let ana: RawClient
const chatId = crypto.randomUUID()

beforeAll(async () => {
  chatr = await startChatr()
  ana = await join(chatr.url, 'Ana')
  await ana.ask('createChat', { id: chatId, name: 'Goat Chat' })
})
afterAll(() => chatr.remove())

const revOf = async () => {
  const { chats } = (await (await ana.session.get('/api/chats')).json()) as {
    chats: Record<string, { rev: number; name: string }>
  }
  return { rev: chats[chatId]?.rev, name: chats[chatId]?.name, count: Object.keys(chats).length }
}

const missing = crypto.randomUUID()
const long = 'x'.repeat(limits.messageTextMaxLength + 1)

describe('what is refused', () => {
  it.each([
    ['a chat id that exists', 'createChat', { id: chatId, name: 'Again' }, 'Duplicate'],
    ['a name that is empty', 'createChat', { id: missing, name: '  ' }, 'BadRequest'],
    [
      'a name that is too long',
      'createChat',
      { id: missing, name: 'x'.repeat(limits.chatNameMaxLength + 1) },
      'BadRequest',
    ],
    ['a chat without an id', 'createChat', { name: 'No id' }, 'BadRequest'],
    ['joining a chat that is not there', 'joinChat', missing, 'NotFound'],
    ['leaving a chat that is not there', 'leaveChat', missing, 'NotFound'],
    ['removing a chat that is not there', 'deleteChat', missing, 'NotFound'],
    ['a message to a chat that is not there', 'sendMessage', { chatId: missing, id: missing, text: 'hi' }, 'NotFound'],
    ['a message over the limit', 'sendMessage', { chatId, id: missing, text: long }, 'TooLarge'],
    ['a blank message', 'sendMessage', { chatId, id: missing, text: ' \n ' }, 'BadRequest'],
    ['a message that is no text', 'sendMessage', { chatId, id: missing, text: 7 }, 'BadRequest'],
    ['data of the wrong shape', 'sendMessage', [1, 2, 3], 'BadRequest'],
    ['a private chat with oneself', 'createPrivateChat', { targetUserId: 'self' }, 'BadRequest'],
    ['a private chat with nobody', 'createPrivateChat', { targetUserId: 'guest:nobody' }, 'NotFound'],
    ['an event that does not exist', 'dropTables', {}, 'BadRequest'],
  ])('%s is answered with a code; nothing changes and the connection stays', async (_what, event, data, code) => {
    const before = await revOf()
    const asked =
      typeof data === 'object' && 'targetUserId' in data && data.targetUserId === 'self'
        ? { targetUserId: ana.userId }
        : data
    const { failed } = await ana.ask(event, asked)
    expect(failed).toMatchObject({ event, code })
    expect(failed?.message).not.toBe('')
    expect(await revOf()).toEqual(before)
    expect(ana.isOpen()).toBe(true)
    ana.frames.length = 0
  })

  it('says which request it means: by its ref, else by the id it spoke of', async () => {
    const byRef = await ana.ask('deleteChat', { chatId: missing, ref: 'my-7' })
    expect(byRef.failed?.ref).toBe('my-7')
    const byId = await ana.ask('sendMessage', { chatId: missing, id: 'm-1', text: 'hi' })
    expect(byId.failed?.ref).toBe('m-1')
  })
})

describe('a form', () => {
  it('that is far too large is answered before all of it has come', async () => {
    const { port } = new URL(chatr.url)
    const socket = tcpConnect(Number(port), '127.0.0.1')
    const head = [
      'POST /.auth/login/guest HTTP/1.1',
      `Host: localhost:${port}`,
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Length: 900000',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\nname=${'x'.repeat(100_000)}`)
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 303 [^]*location: \/login\?error=name/i)
    socket.destroy()
  })
})

describe('a frame that is not of the protocol', () => {
  it.each([
    ['no JSON', '{"type":'],
    ['an unknown type', '{"type":"shutdown"}'],
    ['a field of the wrong type', '{"type":"joinGroup","group":7}'],
    ['data that is null', '{"type":"event","event":"joinChat","dataType":"json","data":null}'],
  ])('%s ends the connection with 1007, after saying why; others live on', async (_what, text) => {
    const mia = await join(chatr.url, 'Mia')
    mia.sendText(text)
    expect((await mia.closed).code).toBe(1007)
    expect(mia.frames.at(-1)).toMatchObject({ type: 'system', event: 'disconnected' })
    await ana.settle()
    expect(ana.isOpen()).toBe(true)
  })

  it('above one mebibyte ends the connection with 1009', async () => {
    const mia = await join(chatr.url, 'Mia')
    mia.sendText(`{"type":"ping","padding":"${'x'.repeat(1 << 20)}"}`)
    expect((await mia.closed).code).toBe(1009)
  })
})
