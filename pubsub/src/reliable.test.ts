import { describe, expect, it } from 'bun:test'
import { connect, type TestClient } from './testing/client.ts'
import { json, reliableJson, startService, type TestService, until } from './testing/service.ts'

const sender = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']
const clientPath = (service: TestService) => `ws://127.0.0.1:${service.port}/client/hubs/chat`

/** A reliable client with what it needs to come back. */
async function joinReliably(service: TestService, options: { userId?: string; groups?: string[] } = {}) {
  const { token } = await service.hub.getClientAccessToken({ roles: sender, groups: ['g'], ...options })
  const client = await connect(`${clientPath(service)}?access_token=${token}`, [reliableJson])
  const { connectionId, reconnectionToken } = await client.nextFrame()
  return { client, connectionId: String(connectionId), token: String(reconnectionToken) }
}

interface Claim {
  connectionId: string
  token: string
  path?: string
  protocols?: string[]
}

const comeBack = (service: TestService, { connectionId, token, path, protocols = [reliableJson] }: Claim) =>
  connect(
    `${path ?? clientPath(service)}?awps_connection_id=${connectionId}&awps_reconnection_token=${token}`,
    protocols,
  )

/** The TCP connection dies without a word. */
const cut = ({ socket }: TestClient) => (socket as WebSocket & { terminate(): void }).terminate() // Bun's own addition

const say = (service: TestService, ...texts: (string | number)[]) =>
  Promise.all(texts.map((text) => service.hub.group('g').sendToAll(String(text), { contentType: 'text/plain' })))

const readTexts = async (client: TestClient, count: number) => {
  const read: [unknown, unknown][] = []
  while (read.length < count) {
    const frame = await client.nextFrame()
    read.push([frame['data'], frame['sequenceId']])
  }
  return read
}

const detached = (service: TestService) => service.pubsub.inside.engine.detached.size

describe('a reliable connection', () => {
  it('numbers its messages from one without a gap, and nothing else', async () => {
    await using service = startService()
    const { client } = await joinReliably(service)
    await say(service, 'a')
    await service.hub.sendToAll({ b: 1 })
    client.send({ type: 'ping' })
    client.send({ type: 'sendToGroup', group: 'g', dataType: 'text', data: 'c', ackId: 1, metadata: { trace: '1' } })
    expect(await client.next()).toBe(
      '{"type":"message","from":"group","group":"g","dataType":"text","data":"a","sequenceId":1}',
    )
    expect(await client.next()).toBe(
      '{"type":"message","from":"server","dataType":"json","data":{"b":1},"sequenceId":2}',
    )
    expect(await client.next()).toBe('{"type":"pong"}')
    expect(await client.next()).toBe(
      '{"type":"message","from":"group","group":"g","dataType":"text","data":"c","metadata":{"trace":"1"},"sequenceId":3}',
    )
    expect(await client.next()).toBe('{"type":"ack","ackId":1,"success":true}')
  })

  it('gets what it never confirmed once more, byte for byte, and what came while it was away', async () => {
    await using service = startService()
    const { client, ...claim } = await joinReliably(service)
    await say(service, 1, 2, 3)
    const before = [await client.next(), await client.next(), await client.next()]
    client.send({ type: 'sequenceAck', sequenceId: 1 })
    await client.expectSilence()
    cut(client)
    await until(() => detached(service) === 1)
    await say(service, 4)
    const again = await comeBack(service, claim)
    expect(await again.nextFrame()).toMatchObject({ event: 'connected', connectionId: claim.connectionId })
    expect([await again.next(), await again.next()]).toEqual(before.slice(1))
    expect(await readTexts(again, 1)).toEqual([['4', 4]])
    await say(service, 5)
    expect(await readTexts(again, 1)).toEqual([['5', 5]])
    expect(detached(service)).toBe(0)
  })

  it('keeps its groups, permissions and acknowledged ids, and its backend hears of nothing', async () => {
    const calls: string[] = []
    await using service = startService({
      handler: {
        connect: async () => ({ accept: true, ...(calls.push('connect') && {}) }),
        connected: async () => void calls.push('connected'),
        disconnected: async (_context, reason) => void calls.push(`disconnected ${reason}`),
      },
    })
    const { client, ...claim } = await joinReliably(service)
    client.send({ type: 'joinGroup', group: 'other', ackId: 1 })
    await client.nextFrame()
    await service.hub.revokePermission(claim.connectionId, 'sendToGroup', { targetName: 'g' })
    cut(client)
    await until(() => detached(service) === 1)
    expect(await service.hub.connectionExists(claim.connectionId)).toBe(true)
    await service.hub.group('late').addConnection(claim.connectionId)
    const again = await comeBack(service, claim)
    await again.nextFrame()
    again.send({ type: 'joinGroup', group: 'other', ackId: 1 })
    expect(await again.nextFrame()).toMatchObject({ ackId: 1, error: { name: 'Duplicate' } })
    again.send({ type: 'sendToGroup', group: 'g', data: 1, ackId: 2 })
    expect(await again.nextFrame()).toMatchObject({ ackId: 2, error: { name: 'Forbidden' } })
    await service.hub.group('late').sendToAll('x', { contentType: 'text/plain' })
    expect(await again.nextFrame()).toMatchObject({ group: 'late', data: 'x' })
    again.socket.close()
    await until(() => calls.length === 3)
    expect(calls).toEqual(['connect', 'connected', 'disconnected '])
  })

  it('is taken over by whoever comes back, and the older socket is cut', async () => {
    await using service = startService()
    const { client, ...claim } = await joinReliably(service)
    const again = await comeBack(service, claim)
    expect(await again.nextFrame()).toMatchObject({ event: 'connected' })
    expect((await client.closed).code).toBe(1006)
    await say(service, 'x')
    expect(await readTexts(again, 1)).toEqual([['x', 1]])
    expect(service.pubsub.connectionCount).toBe(1)
  })

  it('is told with 1008 that it cannot come back: wrong token, unknown, other hub, other subprotocol', async () => {
    await using service = startService()
    const { client, ...claim } = await joinReliably(service)
    const elsewhere = `ws://127.0.0.1:${service.port}/client/hubs/other`
    for (const wrong of [
      { token: 'guess' },
      { token: '' },
      { connectionId: 'unknown' },
      { path: elsewhere },
      { protocols: [json] },
    ]) {
      const again = await comeBack(service, { ...claim, ...wrong })
      expect(await again.nextFrame()).toMatchObject({ event: 'disconnected' })
      expect(await again.closed).toEqual({ code: 1008, reason: 'The connection could not be recovered.' })
    }
    await client.expectSilence()
    expect(service.pubsub.inside.engine.hubs.has('other')).toBe(false)
  })

  it('ends when its client says goodbye, with 1000 or without a code', async () => {
    await using service = startService()
    for (const code of [1000, undefined]) {
      const { client, ...claim } = await joinReliably(service)
      client.socket.close(code)
      await until(() => service.pubsub.connectionCount === 0)
      const again = await comeBack(service, claim)
      expect((await again.closed).code).toBe(1008)
    }
  })

  it('may come back after any other code', async () => {
    await using service = startService()
    const { client, ...claim } = await joinReliably(service)
    client.socket.close(4001, 'sleep')
    await until(() => detached(service) === 1)
    expect(await (await comeBack(service, claim)).nextFrame()).toMatchObject({ event: 'connected' })
  })

  it('is given up when it stays away for longer than half a minute', async () => {
    let now = Date.now()
    const reasons: string[] = []
    await using service = startService({
      clock: () => now,
      limits: { watchMs: 5 },
      handler: { disconnected: async (_context, reason) => void reasons.push(reason) },
    })
    const { client, ...claim } = await joinReliably(service)
    cut(client)
    await until(() => detached(service) === 1)
    now += 29_999
    await say(service, 'x')
    const again = await comeBack(service, claim)
    expect(await again.nextFrame()).toMatchObject({ event: 'connected' })
    cut(again)
    await until(() => detached(service) === 1)
    now += 30_001
    await until(() => reasons.length === 1)
    expect(reasons).toEqual(['Connection recovery timed out.'])
    expect((await (await comeBack(service, claim)).closed).code).toBe(1008)
  })

  it('is not sent what expired while it was away, and sees no gap', async () => {
    let now = Date.now()
    await using service = startService({ clock: () => now })
    const { client, ...claim } = await joinReliably(service)
    cut(client)
    await until(() => detached(service) === 1)
    const send = (text: string, messageTtlSeconds: number) =>
      service.hub.group('g').sendToAll(text, { contentType: 'text/plain', messageTtlSeconds })
    await send('soon gone', 5)
    await send('stays', 10)
    await send('forever', 0)
    now += 5_001
    const again = await comeBack(service, claim)
    await again.nextFrame()
    expect(await readTexts(again, 2)).toEqual([
      ['stays', 1],
      ['forever', 2],
    ])
  })

  it('is not lost by messages that expired while it was away', async () => {
    let now = Date.now()
    await using service = startService({ clock: () => now, limits: { unconfirmedMaxMessages: 3 } })
    const { client, ...claim } = await joinReliably(service)
    cut(client)
    await until(() => detached(service) === 1)
    for (let second = 0; second < 10; second++) {
      await service.hub.group('g').sendToAll(`${second}`, { contentType: 'text/plain', messageTtlSeconds: 1 })
      now += 1_000
    }
    const again = await comeBack(service, claim)
    expect(await again.nextFrame()).toMatchObject({ event: 'connected' })
    await again.expectSilence()
    expect(service.pubsub.counters.slowConnections).toBe(0)
  })

  it('is closed with 1008 for good when it confirms nothing', async () => {
    await using service = startService({ limits: { unconfirmedMaxMessages: 3 } })
    const { client, ...claim } = await joinReliably(service)
    await say(service, 1, 2, 3, 4)
    expect(await readTexts(client, 4)).toHaveLength(4)
    expect(await client.nextFrame()).toMatchObject({ message: 'The reliable message buffer is full.' })
    expect((await client.closed).code).toBe(1008)
    expect((await (await comeBack(service, claim)).closed).code).toBe(1008)
    expect(service.pubsub.counters.slowConnections).toBe(1)
  })

  it('lives on when it confirms in time', async () => {
    await using service = startService({ limits: { unconfirmedMaxMessages: 3 } })
    const { client } = await joinReliably(service)
    for (let round = 1; round <= 5; round++) {
      await say(service, 'a', 'b', 'c')
      await readTexts(client, 3)
      client.send({ type: 'sequenceAck', sequenceId: round * 3 })
      await client.expectSilence()
    }
  })

  it('is lost by the bytes it left unconfirmed while it was away', async () => {
    await using service = startService({ limits: { unconfirmedMaxBytes: 10_000 } })
    const { client } = await joinReliably(service)
    cut(client)
    await until(() => detached(service) === 1)
    await say(service, 'x'.repeat(6_000))
    expect(detached(service)).toBe(1)
    await say(service, 'x'.repeat(6_000))
    expect(service.pubsub.connectionCount).toBe(0)
  })

  it('is closed by the backend for good, there or away', async () => {
    await using service = startService()
    const one = await joinReliably(service)
    const other = await joinReliably(service)
    cut(other.client)
    await until(() => detached(service) === 1)
    await service.hub.closeAllConnections({ reason: 'over' })
    expect(await one.client.nextFrame()).toMatchObject({
      message: 'Application server closed the connection. Reason: over',
    })
    for (const claim of [one, other]) expect((await (await comeBack(service, claim)).closed).code).toBe(1008)
  })

  it('takes a confirmation of what was never sent for one of all that was', async () => {
    await using service = startService()
    const { client, ...claim } = await joinReliably(service)
    await say(service, 1, 2)
    await readTexts(client, 2)
    client.send('{"type":"sequenceAck","sequenceId":18446744073709551615}')
    await client.expectSilence()
    cut(client)
    await until(() => detached(service) === 1)
    const again = await comeBack(service, claim)
    await again.nextFrame()
    await again.expectSilence()
    await say(service, 3)
    expect(await readTexts(again, 1)).toEqual([['3', 3]])
  })
})
