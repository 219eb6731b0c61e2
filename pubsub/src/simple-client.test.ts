import { describe, expect, it } from 'bun:test'
import type { Payload, UserEvent } from './index.ts'
import { startService } from './testing/service.ts'

const protocols: string[] = []

describe('a simple client', () => {
  it('gets no frame of its own, and messages as bare payloads', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice', groups: ['g'], protocols })
    await service.hub.sendToAll({ message: 'Hello world!' })
    await service.hub.sendToUser('alice', 'text', { contentType: 'text/plain' })
    await service.hub.group('g').sendToAll(new Uint8Array([1, 2, 3]))
    await service.hub.group('g').sendToAll('', { contentType: 'text/plain' })
    expect(await client.next()).toBe('{"message":"Hello world!"}')
    expect(await client.next()).toBe('text')
    expect(await client.next()).toEqual(new Uint8Array([1, 2, 3]))
    expect(await client.next()).toBe('')
  })

  it('gets the JSON that a member published byte for byte', async () => {
    await using service = startService()
    const client = await service.join({ groups: ['g'], protocols })
    const publisher = await service.join({ roles: ['webpubsub.sendToGroup'], groups: ['g'] })
    publisher.send('{"type":"sendToGroup","group":"g","noEcho":true,"data":{ "b":1.0,"a":12345678901234567890 }}')
    expect(await client.next()).toBe('{ "b":1.0,"a":12345678901234567890 }')
    await publisher.expectSilence()
  })

  it('raises an event with each frame and gets replies as plain frames', async () => {
    const events: UserEvent[] = []
    const replies: Payload[] = [
      { dataType: 'text', data: 'text' },
      { dataType: 'json', data: { a: 1 } },
      { dataType: 'binary', data: new Uint8Array([9]) },
    ]
    await using service = startService({
      handler: {
        event: async ({ subprotocol }, event) => {
          expect(subprotocol).toBeUndefined()
          const reply = replies[events.push(event) - 1]
          return reply ? { reply } : {}
        },
      },
    })
    const client = await service.join({ protocols })
    client.send('{"type":"ping"}')
    client.send(new Uint8Array([1, 2]))
    client.send('')
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      'text',
      '{"a":1}',
      new Uint8Array([9]),
    ])
    expect(events).toEqual([
      { name: 'message', payload: { dataType: 'text', data: '{"type":"ping"}' } },
      { name: 'message', payload: { dataType: 'binary', data: Buffer.from([1, 2]) } },
      { name: 'message', payload: { dataType: 'text', data: '' } },
    ])
  })

  it('is closed with 1011 when its event fails or nobody handles it', async () => {
    for (const options of [{}, { handler: { event: () => Promise.reject(new Error('no')) } }]) {
      await using service = startService(options)
      const client = await service.join({ protocols })
      client.send('x')
      expect(await client.closed).toEqual({ code: 1011, reason: 'Internal server error' })
    }
  })

  it('is closed by the backend with the close frame alone', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice', protocols })
    await service.hub.closeUserConnections('alice', { reason: 'maintenance' })
    expect(await client.closed).toEqual({ code: 1000, reason: '' })
    expect(await client.next().catch(String)).toContain('the socket closed')
  })

  it('is closed with 1009 for a message that is too large', async () => {
    await using service = startService({ handler: {} })
    const client = await service.join({ protocols })
    client.send(new Uint8Array(1_048_577))
    expect(await client.closed).toEqual({ code: 1009, reason: 'The client message is too large.' })
  })
})
