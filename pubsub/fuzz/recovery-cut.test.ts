import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { WebPubSubClient } from '@azure/web-pubsub-client'
import { buildFrame } from '../src/testing/raw-client.ts'
import { startService, type TestService, until } from '../src/testing/service.ts'
import { type Cut, type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'
import { createReliableClient, type ReliableClient } from './reliable-client.ts'
import { dialects, type ReliableDialect } from './reliable-dialects.ts'

let service: TestService
let proxy: CuttingProxy
let runs = 0
beforeAll(async () => {
  service = startService()
  proxy = await startCuttingProxy(service.port)
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

/** Each in three parts: before the cut, while the client is away, and when it is back. One is too long for 7 bits. */
const parts = [
  ['1', '2 two', 'x'.repeat(130), '4 schön 🙂'],
  ['5', '6'],
  ['7', '8'],
] as const
const allTexts = parts.flat()

const down = (bytes: number, from: Cut['from'] = 'handshake'): Cut => ({ direction: 'down', from, bytes })
const publish = async (group: string, texts: readonly string[]) => {
  for (const text of texts) await service.hub.group(group).sendToAll(text, { contentType: 'text/plain' })
}

interface Scenario {
  dialect: ReliableDialect
  cuts: Cut[]
  confirmEach: number
  /** Whether the service knows of the loss before anything else happens. */
  waitsForLoss: boolean
}

/** Subscribes through the proxy, loses sockets as planned, and comes back until everything arrived. */
async function receiveAll({ dialect, cuts, confirmEach, waitsForLoss }: Scenario): Promise<ReliableClient> {
  const group = `down-${++runs}`
  const client = await subscribe({ group, dialect, confirmEach })
  const cutsBefore = proxy.cutCount()
  proxy.plan(cuts)
  // the plan is for the sockets to come, so the first one is opened anew under it
  await client.open()
  await publish(group, parts[0])
  await client.readUntil(() => client.texts.length >= parts[0].length)
  if (waitsForLoss && proxy.cutCount() > cutsBefore) await until(() => isDetached(group))
  await publish(group, parts[1])
  await comeBack(client, parts[0].length + parts[1].length)
  await publish(group, parts[2])
  await comeBack(client, allTexts.length)
  client.close()
  await endAll(group)
  return client
}

async function subscribe(options: { group: string; dialect: ReliableDialect; confirmEach: number }) {
  const { token } = await service.hub.getClientAccessToken({ groups: [options.group], userId: options.group })
  const client = createReliableClient({ port: proxy.port, path: `/client/hubs/chat?access_token=${token}`, ...options })
  proxy.plan([])
  await client.open()
  client.close()
  return client
}

/** Reads on, on as many sockets as it takes. */
async function comeBack(client: ReliableClient, count: number): Promise<void> {
  const isEnough = () => client.texts.length >= count || client.faults.length > 0
  while (!(await client.readUntil(isEnough))) await client.open()
}

const connectionsOf = (user: string) => service.pubsub.inside.engine.hubs.get('chat')?.users.get(user) ?? new Set()
const isDetached = (user: string) => [...connectionsOf(user)].every(({ socket }) => socket === undefined)
const endAll = async (user: string) => {
  await service.hub.closeUserConnections(user)
}

function expectAll(client: ReliableClient, cuts: Cut[]): void {
  const { texts, sequenceIds, faults } = client
  expect({ cuts, texts, sequenceIds, faults }).toEqual({
    cuts,
    texts: allTexts,
    sequenceIds: allTexts.map((_, at) => at + 1),
    faults: [],
  })
}

/** Bytes that the service sends to a client that is not cut, from its second `connected` frame on. */
async function measureStream(dialect: ReliableDialect): Promise<number> {
  for (let bytes = 100; ; bytes += 100) {
    const before = proxy.cutCount()
    await receiveAll({ dialect, cuts: [down(bytes)], confirmEach: 1, waitsForLoss: false })
    if (proxy.cutCount() === before) return bytes
  }
}

const confirmations = [0, 1, 3] as const

describe('messages to a reliable client', () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    it(`arrive once and in order in ${name}, whichever byte of them the socket is cut at`, async () => {
      const length = await measureStream(dialect)
      for (let bytes = 0; bytes <= length; bytes++) {
        const cuts = [down(bytes)]
        const confirmEach = confirmations[bytes % 3] ?? 0
        expectAll(await receiveAll({ dialect, cuts, confirmEach, waitsForLoss: bytes % 2 === 0 }), cuts)
      }
      expect(length).toBeGreaterThan(400)
    }, 120_000)

    it(`arrive once and in order in ${name}, whichever byte of the recovery is cut too`, async () => {
      const length = (await measureStream(dialect)) + 200
      for (let bytes = 0; bytes <= length; bytes++) {
        const cuts = [down(250), down(bytes, 'start')]
        expectAll(await receiveAll({ dialect, cuts, confirmEach: 1, waitsForLoss: bytes % 2 === 0 }), cuts)
      }
    }, 120_000)

    it(`arrive once and in order in ${name} when every socket is cut a little later than the one before`, async () => {
      for (let step = 1; step <= 40; step++) {
        const cuts = Array.from({ length: 12 }, (_, at) => down(150 + at * step))
        expectAll(await receiveAll({ dialect, cuts, confirmEach: step % 3, waitsForLoss: false }), cuts)
      }
    }, 120_000)
  }
})

const operations = ['one', 'two', 'x'.repeat(130), 'four'].map((text, at) => ({ ackId: at + 1, text }))

describe('operations of a reliable client', () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    it(`are done once in ${name} when they are sent again with their ackIds, whichever byte they were cut at`, async () => {
      const frames = operations.map(({ ackId, text }) => dialect.send('up-00000', ackId, text))
      const length = Buffer.concat(frames.map((payload) => buildFrame({ opcode: dialect.opcode, payload }))).length
      for (let bytes = 0; bytes <= length; bytes++)
        await sendAll(dialect, { direction: 'up', from: 'handshake', bytes })
    }, 120_000)
  }
})

/** Sends through the proxy, comes back, and sends again what was not acknowledged. */
async function sendAll(dialect: ReliableDialect, cut: Cut): Promise<void> {
  const group = `up-${String(++runs).padStart(5, '0')}`
  const observer = await service.join({ groups: [group] })
  const { token } = await service.hub.getClientAccessToken({ roles: ['webpubsub.sendToGroup'], userId: group })
  const client = createReliableClient({
    port: proxy.port,
    path: `/client/hubs/chat?access_token=${token}`,
    dialect,
    confirmEach: 1,
  })
  proxy.plan([cut])
  await reopen(client)
  const isDone = () => client.acks.size === operations.length
  do {
    for (const { ackId, text } of operations)
      if (!client.acks.has(ackId)) client.write(dialect.send(group, ackId, text))
  } while (!(await client.readUntil(isDone)) && (await reopen(client)))
  for (const { text } of operations) expect((await observer.nextFrame())['data']).toBe(text)
  await observer.expectSilence()
  const outcomes = [...client.acks.values()].flat()
  expect({ cut, faults: client.faults, others: outcomes.filter((outcome) => outcome === 'other') }).toEqual({
    cut,
    faults: [],
    others: [],
  })
  client.close()
  observer.socket.close()
  await endAll(group)
}

async function reopen(client: ReliableClient): Promise<true> {
  while (!(await client.open()));
  return true
}

describe('the official client behind sockets that are cut', () => {
  it('raises each message once and in order', async () => {
    const cutPoints = [0, 1, 2, 60, 150, 250, 300, 301, 350, 420, 500, 640]
    for (const bytes of cutPoints) {
      const group = `sdk-${++runs}`
      const { url } = await service.hub.getClientAccessToken({ groups: [group], userId: group })
      const client = new WebPubSubClient(url.replace(/localhost:\d+/, `127.0.0.1:${proxy.port}`))
      const heard: unknown[] = []
      client.on('group-message', ({ message }) => heard.push(message.data))
      // long enough for `connected`, then into the messages; the recovery is cut as well
      const cutsBefore = proxy.cutCount()
      proxy.plan([down(300 + bytes), down(bytes, 'start')])
      await client.start()
      await until(() => connectionsOf(group).size === 1)
      await publish(group, parts[0])
      await publish(group, parts[1])
      await publish(group, parts[2])
      await until(() => heard.length >= allTexts.length)
      expect({ bytes, heard, cuts: proxy.cutCount() - cutsBefore }).toEqual({ bytes, heard: allTexts, cuts: 2 })
      client.stop()
      await until(() => connectionsOf(group).size === 0)
    }
  }, 120_000)
})
