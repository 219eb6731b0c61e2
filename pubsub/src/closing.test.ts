import { describe, expect, it } from 'bun:test'
import { defaultLimits } from './limits.ts'
import type { TestClient } from './testing/client.ts'
import { clientFrame, openRaw, upgradeRequest } from './testing/raw-client.ts'
import { json, startService, type TestService, until } from './testing/service.ts'

const invalid = 'The client message is not a valid JSON protocol message.'
const tooLarge = 'The client message is too large.'

async function expectClosed(client: TestClient, code: number, reason: string, message = reason) {
  expect(await client.next()).toBe(JSON.stringify({ type: 'system', event: 'disconnected', message }))
  expect(await client.closed).toEqual({ code, reason })
}

async function openRawClient(service: TestService, userId: string) {
  const { token } = await service.hub.getClientAccessToken({ userId })
  const path = `/client/hubs/chat?access_token=${token}`
  const raw = openRaw(service.port, upgradeRequest(path, { 'Sec-WebSocket-Protocol': json }))
  await raw.until('connectionId')
  return raw
}

describe('a connection is closed', () => {
  it.each([
    ['{"type":"joinGroup","ackId":1', 1007, invalid],
    ['{"type":"nope","ackId":1}', 1007, invalid],
    ['{"type":"sendToGroup","group":"g","ackId":1,"data":null}', 1007, invalid],
    [Buffer.from([0xff, 0x00]), 1003, 'The JSON subprotocol requires text messages.'],
    ['x'.repeat(defaultLimits.messageMaxBytes + 1), 1009, tooLarge],
    ['é'.repeat(defaultLimits.messageMaxBytes / 2 + 1), 1009, tooLarge],
  ])('with a disconnected frame and no ack for a bad frame (%#)', async (frame, code, text) => {
    const reasons: string[] = []
    await using service = startService({ handler: { disconnected: async (_, reason) => void reasons.push(reason) } })
    const client = await service.join({ roles: ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup'] })
    client.send(frame)
    await expectClosed(client, code, text)
    expect(reasons).toEqual([text])
  })

  it('not for a message of exactly one mebibyte', async () => {
    await using service = startService()
    const client = await service.join({ roles: ['webpubsub.sendToGroup'] })
    const frame = '{"type":"sendToGroup","group":"g","ackId":1,"dataType":"text","data":""}'
    client.send(frame.replace('""', `"${'x'.repeat(defaultLimits.messageMaxBytes - frame.length)}"`))
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: true })
  })

  it('after the frames before the bad one were handled, and without those behind it', async () => {
    const handled: unknown[] = []
    await using service = startService({
      handler: {
        event: async (_, { payload }) => {
          handled.push(payload.data)
          return {}
        },
      },
    })
    const client = await service.join()
    for (const data of [1, 2]) client.send({ type: 'event', event: 'e', data, ackId: data })
    client.send('bad')
    client.send({ type: 'event', event: 'e', data: 3 })
    expect([await client.nextFrame(), await client.nextFrame()]).toMatchObject([{ ackId: 1 }, { ackId: 2 }])
    await expectClosed(client, 1007, invalid)
    expect(handled).toEqual([1, 2])
  })

  it('with the reason of the backend in the disconnected frame and an empty one in the close frame', async () => {
    await using service = startService()
    const [first, second] = [await service.join(), await service.join()]
    await service.hub.closeConnection(first.connectionId, { reason: 'maintenance' })
    expect(await service.hub.connectionExists(first.connectionId)).toBe(false)
    await service.hub.closeConnection(second.connectionId)
    await expectClosed(first, 1000, '', 'Application server closed the connection. Reason: maintenance')
    await expectClosed(second, 1000, '', 'Application server closed the connection.')
  })

  it('after everything that was published to it before', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice', groups: ['g'] })
    await service.hub.group('g').sendToAll('last words')
    await service.hub.closeUserConnections('alice')
    await service.hub.group('g').sendToAll('too late')
    expect(await client.nextFrame()).toMatchObject({ data: 'last words' })
    await expectClosed(client, 1000, '', 'Application server closed the connection.')
  })

  it('with 1008 when it floods while a handler is busy', async () => {
    for (const limits of [{ inboundMaxFrames: 10 }, { inboundMaxBytes: 1_000 }]) {
      const { promise, resolve } = Promise.withResolvers<object>()
      let calls = 0
      const event = () => {
        calls++
        return promise
      }
      await using service = startService({ limits, handler: { event } })
      const client = await service.join()
      for (let at = 0; at < 40; at++) client.send({ type: 'event', event: 'e', data: 'x'.repeat(50) })
      await expectClosed(client, 1008, 'The inbound message queue is full.')
      resolve({})
      await service.pubsub.close()
      expect([service.pubsub.counters.floodingConnections, calls]).toEqual([1, 1])
    }
  })

  it('with 1008 when it does not read, and nobody waits for it', async () => {
    const limits = { outboundMaxBytes: 100_000, watchMs: 5 }
    const reasons: string[] = []
    const disconnected = async (_: unknown, reason: string) => void reasons.push(reason)
    await using service = startService({ limits, handler: { disconnected } })
    const slow = await openRawClient(service, 'slow')
    const quick = await service.join({ userId: 'quick' })
    slow.socket.pause()
    const text = 'x'.repeat(100_000)
    let sent = 0
    while (await service.hub.userExists('slow')) {
      await service.hub.sendToAll(text)
      sent++
      await Bun.sleep(0)
    }
    for (let at = 0; at < sent; at++) expect(await quick.nextFrame()).toMatchObject({ data: text })
    expect(service.pubsub.counters.slowConnections).toBe(1)
    expect(service.log).toMatchObject([{ event: 'slowConnectionClosed' }])
    slow.socket.resume()
    await slow.ended
    expect(slow.received().subarray(-60).toString('latin1')).toEndWith('The outbound message queue is full.')
    await until(() => reasons.length === 1)
    expect(reasons).toEqual(['The outbound message queue is full.'])
  })

  it('bluntly when its queue grows past the hard limit, and that is counted too', async () => {
    const limits = { outboundHardMaxBytes: 500_000, unconfirmedMaxBytes: 1e5, outboundMaxBytes: 1e9, watchMs: 5 }
    // a transport of our own needs no second bound
    await using service = startService({ limits, transport: 'bun' })
    const slow = await openRawClient(service, 'slow')
    slow.socket.pause()
    while (await service.hub.userExists('slow')) {
      await service.hub.sendToAll('x'.repeat(50_000))
      await Bun.sleep(5)
    }
    expect(service.pubsub.counters.slowConnections).toBe(1)
  })

  it('as the slowest first while all of them together are past their bound, and only then', async () => {
    const limits = { outboundTotalMaxBytes: 8e6, outboundMaxBytes: 1e9, watchMs: 1e6 }
    await using service = startService({ limits })
    const quick = await service.join({ userId: 'quick' })
    const slow = await Promise.all(['1', '2', '3', '4'].map((userId) => openRawClient(service, userId)))
    for (const { socket } of slow) socket.pause()
    // Half of it to one of them alone, who is the slowest then.
    for (let at = 0; at < 8; at++) await service.hub.sendToUser('3', 'x'.repeat(500_000))
    await until(async () => {
      await service.hub.sendToAll('x'.repeat(100_000))
      await Bun.sleep(1)
      return service.pubsub.counters.slowConnections > 0
    })
    expect(await service.hub.userExists('3')).toBe(false)
    expect(await service.hub.userExists('quick')).toBe(true)
    expect(service.pubsub.counters.slowConnections).toBeLessThan(4)
    expect(quick.socket.readyState).toBe(WebSocket.OPEN)
    for (const { socket } of slow) socket.destroy()
  })

  it('when it answers no ping, even in a busy group', async () => {
    const limits = { keepAliveMs: 50 }
    await using service = startService({ limits })
    const dead = await openRawClient(service, 'dead')
    const alive = await service.join({ userId: 'alive' })
    const answering = await openRawClient(service, 'answering')
    answering.socket.on('data', (chunk: Buffer) => {
      if (chunk.includes(Buffer.from([0x89, 0]))) answering.socket.write(clientFrame(10, ''))
    })
    await until(async () => {
      await service.hub.sendToAll('news')
      return !(await service.hub.userExists('dead'))
    })
    await dead.ended
    expect(service.pubsub.counters.lostConnections).toBe(1)
    expect(await service.hub.userExists('answering')).toBe(true)
    expect(alive.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('gracefully with all others when the service stops, and every handler is told', async () => {
    const reasons: string[] = []
    await using service = startService({ handler: { disconnected: async (_, reason) => void reasons.push(reason) } })
    const clients = [await service.join(), await service.join({ userId: 'alice' })]
    const plain = await service.join({ protocols: [] })
    await service.pubsub.close()
    const text = 'Service reloading, please reconnect'
    expect(reasons).toEqual([text, text, text])
    expect(service.pubsub.connectionCount).toBe(0)
    for (const client of clients) await expectClosed(client, 1001, text)
    expect(await plain.closed).toEqual({ code: 1001, reason: text })
  })
})

describe('a broken WebSocket', () => {
  it('ends the connection with the code of the fault', async () => {
    await using service = startService()
    for (const [bytes, code] of [
      [clientFrame(3, 'x'), 1002],
      [clientFrame(1, Buffer.from([0xff, 0xfe])), 1007],
    ] as const) {
      const raw = await openRawClient(service, 'alice')
      raw.socket.write(bytes)
      await raw.ended
      expect(raw.received().includes(Buffer.from([code >> 8, code & 255]))).toBe(true)
      await until(async () => !(await service.hub.userExists('alice')))
    }
  })

  it('is not what a control ping makes: it is answered', async () => {
    await using service = startService()
    const raw = await openRawClient(service, 'alice')
    raw.socket.write(clientFrame(9, 'are you there'))
    expect(await raw.until('are you there')).toContain('\x8a\x0dare you there')
  })
})
