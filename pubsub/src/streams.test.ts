import { describe, expect, it } from 'bun:test'
import { WebPubSubClient, type WebPubSubClientProtocol, WebPubSubJsonReliableProtocol } from '@azure/web-pubsub-client'
import type { TestClient } from './testing/client.ts'
import { reliableJson, startService, type TestService, until } from './testing/service.ts'

const roles = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']
const start = (fields: object = {}) => ({
  type: 'sendToGroup',
  group: 'g',
  noEcho: true,
  stream: { streamId: 's', ...fields },
})
const part = (streamSequenceId: number, data: unknown) => ({
  type: 'streamData',
  streamId: 's',
  streamSequenceId,
  dataType: 'text',
  data,
})

async function openStream(service: TestService, fields: object = {}) {
  const reader = await service.join({ groups: ['g'] })
  const publisher = await service.join({ userId: 'alice', roles, groups: ['g'] })
  publisher.send(start(fields))
  expect(await publisher.next()).toBe('{"type":"streamAck","streamId":"s","expectedSequenceId":1}')
  return { reader, publisher }
}

const framesOf = async (client: TestClient, count: number) => {
  const frames: string[] = []
  while (frames.length < count) frames.push(String(await client.next()))
  return frames
}

const piece = (info: string, data = '') =>
  `{"type":"message","from":"group","group":"g","fromUserId":"alice","dataType":"text","data":"${data}","stream":${info}}`

describe('a stream', () => {
  it('is published piece by piece and ends', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    publisher.send(part(1, 'Hel'))
    publisher.send(part(2, 'lo'))
    publisher.send({ type: 'streamEnd', streamId: 's' })
    expect(await framesOf(publisher, 3)).toEqual([
      '{"type":"streamAck","streamId":"s","expectedSequenceId":2}',
      '{"type":"streamAck","streamId":"s","expectedSequenceId":3}',
      '{"type":"streamClosed","streamId":"s"}',
    ])
    expect(await framesOf(reader, 3)).toEqual([
      piece('{"streamId":"s","streamSequenceId":1}', 'Hel'),
      piece('{"streamId":"s","streamSequenceId":2}', 'lo'),
      piece('{"streamId":"s","streamSequenceId":3,"endOfStream":true}'),
    ])
  })

  it('publishes a piece once, and asks for what is missing', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    publisher.send(part(1, 'a'))
    publisher.send(part(1, 'a'))
    publisher.send(part(3, 'c'))
    const [, again, nack] = await framesOf(publisher, 3)
    expect(again).toBe('{"type":"streamAck","streamId":"s","expectedSequenceId":2}')
    expect(JSON.parse(nack ?? '')).toMatchObject({
      type: 'streamNack',
      streamId: 's',
      expectedSequenceId: 2,
      name: 'InvalidSequenceId',
    })
    await reader.next()
    await reader.expectSilence()
  })

  it('tells its readers why it failed', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    publisher.send({ type: 'streamEnd', streamId: 's', error: { message: 'gave up', userErrorCode: 'APP_42' } })
    expect(await reader.next()).toBe(
      piece(
        '{"streamId":"s","streamSequenceId":1,"endOfStream":true,"error":{"name":"UserError","message":"gave up","userErrorCode":"APP_42"}}',
      ),
    )
    expect(await publisher.next()).toBe('{"type":"streamClosed","streamId":"s"}')
  })

  it('is cancelled for its readers when the publisher is gone', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    publisher.socket.close()
    expect(await reader.nextFrame()).toMatchObject({ stream: { endOfStream: true, error: { name: 'Cancelled' } } })
  })

  it('does not begin for a publisher who is gone by then', async () => {
    let answer = () => {}
    const handled = new Promise<void>((resolve) => (answer = resolve))
    await using service = startService({ handler: { event: () => handled.then(() => ({})) } })
    const publisher = await service.join({ roles })
    publisher.send({ type: 'event', event: 'slow', data: 1 })
    publisher.send(start())
    publisher.socket.close()
    await until(() => service.pubsub.connectionCount === 0)
    answer()
    await until(() => service.pubsub.inside.engine.farewells.size === 0)
    expect(service.pubsub.inside.engine.streaming.size).toBe(0)
  })

  it('ends when it is silent for longer than it said, and a keep-alive is not silence', async () => {
    let now = Date.now()
    await using service = startService({ clock: () => now, limits: { watchMs: 5 } })
    const { reader, publisher } = await openStream(service, { idleTimeoutMs: 1_000 })
    now += 900
    publisher.send({ type: 'streamData', streamId: 's' })
    await publisher.expectSilence()
    now += 900
    publisher.send(part(1, 'still here'))
    await publisher.next()
    now += 1_000
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamClosed', error: { name: 'IdleTimeout' } })
    await reader.next()
    expect(await reader.nextFrame()).toMatchObject({ stream: { endOfStream: true, error: { name: 'IdleTimeout' } } })
  })

  it('goes on where it is when it is begun again, and is over when that is in another group', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    publisher.send(part(1, 'a'))
    publisher.send(start())
    const [, again] = await framesOf(publisher, 2)
    expect(again).toBe('{"type":"streamAck","streamId":"s","expectedSequenceId":2}')
    publisher.send({ ...start(), group: 'other' })
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamClosed', error: { name: 'BadRequest' } })
    await reader.next()
    expect(await reader.nextFrame()).toMatchObject({ stream: { endOfStream: true, error: { name: 'Cancelled' } } })
  })

  it('counts the words of its error against what a reliable reader may leave unconfirmed', async () => {
    await using service = startService({ limits: { unconfirmedMaxBytes: 3_000 } })
    const reader = await service.join({ groups: ['g'], protocols: [reliableJson] })
    const publisher = await service.join({ roles })
    const error = { message: 'x'.repeat(1_024), userErrorCode: 'y'.repeat(1_024) }
    for (const round of [1, 2]) {
      publisher.send(start())
      publisher.send({ type: 'streamEnd', streamId: 's', error })
      await framesOf(publisher, 2)
      expect(await reader.nextFrame()).toMatchObject({ sequenceId: round, stream: { error } })
    }
    expect((await reader.closed).code).toBe(1008)
    publisher.send({ type: 'streamEnd', streamId: 's', error: { message: 'x'.repeat(1_025) } })
    expect((await publisher.closed).code).toBe(1007)
  })

  it('is refused without permission, and beyond the limit', async () => {
    await using service = startService({ limits: { streamsPerConnectionMax: 2 } })
    const stranger = await service.join()
    stranger.send(start())
    expect(await stranger.nextFrame()).toMatchObject({ type: 'streamClosed', error: { name: 'Forbidden' } })
    const { publisher } = await openStream(service)
    publisher.send(start({ streamId: 'second' }))
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamAck', streamId: 'second' })
    publisher.send(start({ streamId: 'third' }))
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamClosed', streamId: 'third' })
  })

  it('is closed when the permission is taken back', async () => {
    await using service = startService()
    const { reader, publisher } = await openStream(service)
    await service.hub.revokePermission(publisher.connectionId, 'sendToGroup', { targetName: 'g' })
    publisher.send(part(1, 'a'))
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamClosed', error: { name: 'Forbidden' } })
    expect(await reader.nextFrame()).toMatchObject({ stream: { endOfStream: true, error: { name: 'Forbidden' } } })
  })

  it('that is not there is answered so, and its id may be used again', async () => {
    await using service = startService()
    const { publisher } = await openStream(service)
    publisher.send({ type: 'streamEnd', streamId: 's' })
    await publisher.next()
    publisher.send(part(1, 'late'))
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamClosed', error: { name: 'StreamNotFound' } })
    publisher.send(start())
    expect(await publisher.nextFrame()).toMatchObject({ type: 'streamAck', expectedSequenceId: 1 })
  })

  it('numbers its pieces for reliable readers too, and survives the recovery of its publisher', async () => {
    await using service = startService()
    const reader = await sdkClient(service, WebPubSubJsonReliableProtocol())
    const publisher = await sdkClient(service, WebPubSubJsonReliableProtocol())
    const read: unknown[] = []
    let isEnded = false
    reader.onGroupStream(async (stream) => {
      for await (const { data } of stream) read.push(data)
      isEnded = true
    })
    await reader.joinGroup('g')
    const stream = await publisher.openGroupStream('g')
    await stream.write('one', 'text')
    await until(() => read.length === 1)
    for (const { socket } of service.pubsub.inside.engine.hubs.get('chat')?.connections.values() ?? [])
      socket?.terminate()
    await stream.write({ two: 2 }, 'json')
    await stream.end()
    await until(() => isEnded)
    expect(read).toEqual(['one', { two: 2 }])
    reader.stop()
    publisher.stop()
  })
})

async function sdkClient(service: TestService, protocol: WebPubSubClientProtocol) {
  const { url } = await service.hub.getClientAccessToken({ roles })
  const client = new WebPubSubClient(url.replace('localhost:8080', `127.0.0.1:${service.port}`), { protocol })
  await client.start()
  return client
}
