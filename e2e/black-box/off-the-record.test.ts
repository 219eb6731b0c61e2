import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { join, type RawClient } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
let ana: RawClient
let ben: RawClient

beforeAll(async () => {
  chatr = await startChatr()
  ;[ana, ben] = await Promise.all([join(chatr.url, 'Ana'), join(chatr.url, 'Ben')])
})
afterAll(() => chatr.remove())

const secret = `the goat is ${crypto.randomUUID()}`
const isOnDisk = (text: string) =>
  readdirSync(chatr.dataFolder).some((name) => readFileSync(path(chatr.dataFolder, name)).includes(text))

describe('an off-the-record chat', () => {
  it('relays lines between its members and leaves no word of them in the data folder', async () => {
    await ana.ask('createPrivateChat', { targetUserId: ben.userId, history: 'off' })
    const { chatId, chat } = await ben.told('joinPrivateChat')
    expect(chat.history).toBe('off')
    ana.send({ type: 'sendToGroup', group: chatId, ackId: 50, dataType: 'json', data: { message: secret, id: 'l-1' } })
    expect(await ben.frame(({ from, group }) => from === 'group' && group === chatId)).toMatchObject({
      fromUserId: ana.userId,
    })
    expect((await ana.frame(({ ackId }) => ackId === 50)).success).toBe(true)
    const answer = await ana.session.get(`/api/chats/${chatId}/messages`)
    expect(await answer.json()).toMatchObject({ messages: [] })
    expect(isOnDisk(secret)).toBe(false)
  })

  it('refuses the record lane, so that nothing is kept by mistake', async () => {
    const { chatId } = await ben.told('joinPrivateChat')
    const { failed } = await ana.ask('sendMessage', { chatId, id: 'm-1', text: secret })
    expect(failed?.code).toBe('Forbidden')
    expect(isOnDisk(secret)).toBe(false)
  })

  it('keeps no notice of who came and went, while a chat with history does', async () => {
    const off = crypto.randomUUID()
    await ana.ask('createChat', { id: off, name: 'Whispers', history: 'off' })
    await ben.ask('joinChat', off)
    expect((await ana.told('memberChanged', ({ chatId }) => chatId === off)).message).toBeUndefined()
    const kept = crypto.randomUUID()
    await ana.ask('createChat', { id: kept, name: 'Minutes' })
    await ben.ask('joinChat', kept)
    expect((await ana.told('memberChanged', ({ chatId }) => chatId === kept)).message).toMatchObject({
      kind: 'joined',
      pos: 2,
    })
  })

  it('is a proof only because what is kept can be found this way', async () => {
    const kept = crypto.randomUUID()
    const text = `on the record ${crypto.randomUUID()}`
    await ana.ask('createChat', { id: kept, name: 'Record' })
    await ana.ask('sendMessage', { chatId: kept, id: 'm-1', text })
    expect(isOnDisk(text)).toBe(true)
  })
})
