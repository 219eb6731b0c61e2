import { describe, expect, it } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { startService, until } from '../testing/service.ts'
import { createHttpClient } from './http-client.ts'
import { context, headerOf, listen, ok, openHandler, outcomeOf, question, startReceiver, textEvent } from './testing.ts'

const slowEvent = { ...textEvent(), name: 'slow' }
const large = Buffer.alloc(16_000_000)
const isSlow = (request: string) => headerOf(request, 'ce-eventName') === 'slow'

describe('a client that asks a slow handler for much', () => {
  it('holds up neither handshakes nor the events of others', async () => {
    const held: Socket[] = []
    let isOver = false
    await using receiver = await startReceiver((request) =>
      isSlow(request) && !isOver ? (socket) => held.push(socket) : ok(),
    )
    const handler = openHandler(receiver.port, { connectionsMax: 8 })
    const hog = Array.from({ length: 30 }, () => handler.event(context({ connectionId: 'hog' }), slowEvent))
    const ends = Promise.all(hog)
    await until(() => held.length === 5)
    expect(await handler.event(context({ connectionId: 'ann' }), textEvent())).toEqual({})
    expect(await handler.connect(question({ connectionId: 'bob' }))).toMatchObject({ accept: true })
    expect(held).toHaveLength(5)
    isOver = true
    for (const socket of held) socket.write(ok())
    expect(await ends).toHaveLength(30)
  })

  it('is refused by name when too much of it waits', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket.pause().on('error', () => {})))
    const port = await listen(server)
    const client = createHttpClient({ connectionsMax: 2 })
    const target = { isTls: false, hostname: '127.0.0.1', port, host: 'h', path: '/', shown: '' }
    const request = { method: 'POST', target, client: 'hog', isHandshake: false, headers: [] } as const
    const patience = { headersMs: 200, bodyMs: 200, bodyMaxBytes: 0 }
    const sent = Array.from({ length: 8 }, () => outcomeOf(client.send({ ...request, body: large }, patience)))
    const outcomes = await Promise.all(sent)
    // two are under way, and no more wait than there is room left
    expect(outcomes).toEqual([...Array<string>(6).fill('Timeout'), 'Overloaded', 'Overloaded'])
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})

describe('the histogram of calls', () => {
  const urlOf = (port: number) => `http://127.0.0.1:${port}/`

  it('leaves out the system events that no webhook takes', async () => {
    await using receiver = await startReceiver()
    const handlers = [{ urlTemplate: urlOf(receiver.port), userEventPattern: '*' }]
    await using service = startService({ handler: openHandler(0, { handlers }) })
    const client = await service.join()
    client.send({ type: 'event', event: 'e', ackId: 1, dataType: 'text', data: 'x' })
    await client.nextFrame()
    client.socket.close()
    const { engine } = service.pubsub.inside
    await until(() => engine.connectionCount === 0 && engine.farewells.size === 0)
    expect(receiver.posts).toHaveLength(1)
    expect(engine.hubs.get('chat')?.counters.upstream.succeeded.count).toBe(1)
  })

  it('counts those that one takes', async () => {
    await using receiver = await startReceiver()
    const handlers = [
      { urlTemplate: urlOf(receiver.port), systemEvents: ['connect' as const, 'disconnected' as const] },
    ]
    await using service = startService({ handler: openHandler(0, { handlers }) })
    const client = await service.join()
    client.socket.close()
    const { engine } = service.pubsub.inside
    await until(() => engine.connectionCount === 0 && engine.farewells.size === 0)
    expect(receiver.posts).toHaveLength(2)
    expect(engine.hubs.get('chat')?.counters.upstream.succeeded.count).toBe(2)
  })
})
