import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { type ClientEventName, parseServerEvent, type ServerEventName } from '@chatr/protocol'
import { join, type RawClient } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
let ana: RawClient
let mia: RawClient

beforeAll(async () => {
  chatr = await startChatr()
  ;[ana, mia] = await Promise.all([join(chatr.url, 'Ana Silva', 'github'), join(chatr.url, 'Mia')])
})
afterAll(() => chatr.remove())

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../protocol/fixtures/${path}.json`, import.meta.url), 'utf8'))

/** Plays the documented frame as it stands, but for the id of the person it is addressed to. */
async function play(client: RawClient, name: ClientEventName) {
  const frame = JSON.parse(JSON.stringify(read(`client/${name}`)).replaceAll(/guest:[0-9a-f]{32}/g, mia.userId))
  client.send(frame)
  const ack = await client.frame(({ ackId }) => ackId === frame.ackId, `the ack of ${name}`)
  expect(ack.success).toBe(true)
}

/** The names and kinds of everything in a value, so that an example and a real answer can be compared. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length ? [shapeOf(value[0])] : []
  if (typeof value !== 'object' || value === null) return typeof value
  const entries = Object.entries(value)
    .filter(([key]) => !key.startsWith('private-')) // the examples list a group chat
    .map(([key, inner]) => [/[:-]/.test(key) ? '<id>' : key, shapeOf(inner)] as const)
  return Object.fromEntries(entries.sort(([one], [other]) => one.localeCompare(other)))
}

async function expectTold(client: RawClient, name: ServerEventName) {
  const data = await client.told(name)
  expect(parseServerEvent({ chatEvent: name, data })).toBeDefined()
  expect(shapeOf(data)).toEqual(shapeOf(read(`server/${name}`).data))
}

describe('the examples of docs/protocol.md', () => {
  it('play from creating a chat to removing it, each answered as documented', async () => {
    await expectTold(ana, 'userOnline')
    await play(ana, 'createChat')
    await expectTold(mia, 'chatCreated')
    await play(mia, 'joinChat')
    await expectTold(ana, 'memberChanged')
    await play(ana, 'sendMessage')
    await expectTold(mia, 'message')
    await play(mia, 'markRead')
    await expectTold(mia, 'readMoved')
    await play(ana, 'createPrivateChat')
    await expectTold(mia, 'joinPrivateChat')
    await play(mia, 'userEnterIdle')
    await expectTold(ana, 'userIsIdle')
    await play(mia, 'userExitIdle')
    await expectTold(ana, 'userNotIdle')
    await mia.ask('deleteChat', read('client/deleteChat').data)
    await expectTold(mia, 'failed')
  })

  it('relay lines and typing signals between members', async () => {
    const { chatId } = await mia.told('joinPrivateChat')
    ana.send({ ...read('relay/line'), group: chatId })
    expect((await ana.frame(({ ackId }) => ackId === 10)).success).toBe(true)
    ana.send(read('relay/typing'))
    await mia.frame(({ data }) => (data as { typing?: boolean } | undefined)?.typing === true, 'the typing signal')
    expect(mia.frames.filter(({ fromUserId }) => fromUserId === ana.userId)).toHaveLength(2)
  })

  it.each(['me', 'getToken', 'users', 'chats', 'messages', 'health', 'error'])('ask over HTTP: %s', async (name) => {
    const { request, response } = read(`http/${name}`)
    const answer = await mia.session.get(request.path)
    expect(answer.status).toBe(response.status)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(shapeOf(await answer.json())).toEqual(shapeOf(response.body))
  })

  it('end with leaving and removing', async () => {
    await play(mia, 'leaveChat')
    await play(ana, 'deleteChat')
    await expectTold(mia, 'chatDeleted')
    await mia.close()
    await expectTold(ana, 'userOffline')
  })
})
