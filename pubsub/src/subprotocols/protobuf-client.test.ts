import { describe, expect, it } from 'bun:test'
import type { Payload, UserEvent } from '../ports.ts'
import {
  connectProtobuf,
  encodeAny,
  encodeUpstream,
  hex,
  protobuf,
  type ProtobufClient,
  reliableProtobuf,
} from '../testing/protobuf.ts'
import { startService, type TestService, until } from '../testing/service.ts'

const roles = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']
const clientPath = (service: TestService) => `ws://127.0.0.1:${service.port}/client/hubs/chat`

interface JoinOptions {
  name?: string
  userId?: string
  roles?: string[]
  groups?: string[]
}

async function join(service: TestService, { name = protobuf, ...options }: JoinOptions = {}) {
  const { token } = await service.hub.getClientAccessToken({ roles, groups: ['g'], ...options })
  return connectProtobuf(`${clientPath(service)}?access_token=${token}`, name)
}

const joinReliably = (service: TestService, options: JoinOptions = {}) =>
  join(service, { ...options, name: reliableProtobuf })

const comeBack = (service: TestService, { connectionId, reconnectionToken }: ProtobufClient) =>
  connectProtobuf(
    `${clientPath(service)}?awps_connection_id=${connectionId}&awps_reconnection_token=${reconnectionToken}`,
    reliableProtobuf,
  )

/** The TCP connection dies without a word. */
async function cut(service: TestService, { client: { socket } }: ProtobufClient) {
  ;(socket as WebSocket & { terminate(): void }).terminate() // Bun's own addition
  await until(() => service.pubsub.inside.engine.detached.size === 1)
}

const any = { type_url: 'type.googleapis.com/chatr.Point', value: hex('08 01 10 02') }
const anyBytes = encodeAny(any)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** The same content as protobuf clients and as JSON clients have it. */
const contents = [
  { data: { textData: 'Grüße 👋' }, dataType: 'text', json: 'Grüße 👋' },
  { data: { jsonData: '{"b":1.0,"a":[null]}' }, dataType: 'json', json: { b: 1, a: [null] } },
  { data: { binaryData: Buffer.from([0, 255, 128]) }, dataType: 'binary', json: base64(hex('00 FF 80')) },
  {
    data: { protobufData: { ...any, value: Buffer.from(any.value) } },
    dataType: 'protobuf',
    json: base64(anyBytes),
  },
]

const send = (fields: object) => ({ sendToGroupMessage: { group: 'g', ...fields } })
const ok = (ackId: number | string) => ({ ackMessage: { ackId: String(ackId), success: true } })
const textOf = (frame: Record<string, unknown>) => {
  const { data, sequenceId } = frame['dataMessage'] as { data: { textData: string }; sequenceId: string }
  return [data.textData, sequenceId]
}

describe('a protobuf client', () => {
  it('is greeted, and is told how its frames are called', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice' })
    const { client, connectionId, reconnectionToken } = await connectProtobuf(
      `${clientPath(service)}?access_token=${token}`,
    )
    expect(client.protocol).toBe(protobuf)
    expect(await service.hub.connectionExists(connectionId)).toBe(true)
    expect(await service.hub.userExists('alice')).toBe(true)
    expect(reconnectionToken).toBeUndefined()
  })

  it('joins, leaves and is answered with its own ack ids', async () => {
    await using service = startService()
    const alice = await join(service, { groups: [] })
    for (const ackId of ['1', '9007199254740993', '18446744073709551615']) {
      alice.tell({ joinGroupMessage: { group: 'lobby', ackId } })
      expect(await alice.hear()).toEqual(ok(ackId))
    }
    alice.tell({ joinGroupMessage: { group: 'lobby', ackId: 1 } })
    const error = { name: 'Duplicate', message: 'Message with ack-id: 1 has been processed' }
    expect(await alice.hear()).toEqual({ ackMessage: { ackId: '1', error } })
    await service.hub.group('lobby').sendToAll('hi', { contentType: 'text/plain' })
    const message = { from: 'group', group: 'lobby', data: { textData: 'hi' } }
    expect(await alice.hear()).toEqual({ dataMessage: message })
    alice.tell({ leaveGroupMessage: { group: 'lobby' } })
    await alice.expectSilence()
    expect(await service.hub.groupExists('lobby')).toBe(false)
  })

  it('is told what it may not do', async () => {
    await using service = startService()
    const alice = await join(service, { roles: [] })
    alice.tell(send({ data: { textData: 'hi' }, ackId: 7 }))
    const message = "The client does not have permission to send to group 'g'."
    expect(await alice.hear()).toEqual({ ackMessage: { ackId: '7', error: { name: 'Forbidden', message } } })
  })

  it('sends all kinds of data to a JSON client, and gets them from it', async () => {
    await using service = startService()
    const alice = await join(service)
    const bob = await service.join({ userId: 'bob', roles, groups: ['g'] })
    for (const { data, dataType, json } of contents) {
      alice.tell(send({ data, noEcho: true }))
      expect(await bob.nextFrame()).toEqual({ type: 'message', from: 'group', group: 'g', dataType, data: json })
      bob.send({ type: 'sendToGroup', group: 'g', dataType, data: json, noEcho: true })
      const written = dataType === 'json' ? { jsonData: JSON.stringify(json) } : data
      expect(await alice.hear()).toEqual({ dataMessage: { from: 'group', group: 'g', data: written } })
    }
  })

  it('sends all kinds of data to its own kind, reliable or not, and to itself', async () => {
    await using service = startService()
    const [alice, bob, carol] = [await join(service), await join(service), await joinReliably(service)]
    for (const [at, { data }] of contents.entries()) {
      alice.tell(send({ data, ackId: at + 1 }))
      const dataMessage = { from: 'group', group: 'g', data }
      expect(await bob.hear()).toEqual({ dataMessage })
      expect(await carol.hear()).toEqual({ dataMessage: { ...dataMessage, sequenceId: String(at + 1) } })
      expect([await alice.hear(), await alice.hear()]).toEqual([{ dataMessage }, ok(at + 1)])
    }
  })

  it('reaches simple clients with the bare content', async () => {
    await using service = startService()
    const alice = await join(service)
    const simple = await service.join({ protocols: [], groups: ['g'] })
    for (const { data } of contents) alice.tell(send({ data, noEcho: true }))
    expect([await simple.next(), await simple.next()]).toEqual(['Grüße 👋', '{"b":1.0,"a":[null]}'])
    expect([await simple.next(), await simple.next()]).toEqual([hex('00 FF 80'), anyBytes])
  })

  it('gives and takes metadata', async () => {
    await using service = startService()
    const alice = await join(service)
    const bob = await service.join({ roles, groups: ['g'] })
    const metadata = { trace: '42', Empty: '' }
    alice.tell(send({ metadata, noEcho: true }))
    expect(await bob.nextFrame()).toMatchObject({ dataType: 'text', data: '', metadata })
    bob.send({ type: 'sendToGroup', group: 'g', data: 1, metadata, noEcho: true })
    expect(await alice.hear()).toMatchObject({ dataMessage: { data: { jsonData: '1' }, metadata } })
  })

  it('gets what the backend sends to it, its user and everybody', async () => {
    await using service = startService()
    const alice = await join(service, { userId: 'alice' })
    await service.hub.sendToConnection(alice.connectionId, { a: 1 })
    await service.hub.sendToUser('alice', 'x', { contentType: 'text/plain' })
    await service.hub.sendToAll(hex('01'), { contentType: 'application/octet-stream' })
    for (const data of [{ jsonData: '{"a":1}' }, { textData: 'x' }, { binaryData: Buffer.from([1]) }]) {
      expect(await alice.hear()).toEqual({ dataMessage: { from: 'server', data } })
    }
  })

  it('raises events and has the reply before the ack', async () => {
    const events: UserEvent[] = []
    const handler = {
      event: async (_context: unknown, event: UserEvent) => {
        events.push(event)
        return event.name === 'echo' ? { reply: event.payload } : { metadata: { seen: 'yes' } }
      },
    }
    await using service = startService({ handler })
    const alice = await join(service, { userId: 'alice' })
    for (const [at, { data }] of contents.entries()) {
      alice.tell({ eventMessage: { event: 'echo', data, ackId: at + 1 } })
      expect(await alice.hear()).toEqual({ dataMessage: { from: 'server', data } })
      expect(await alice.hear()).toEqual(ok(at + 1))
    }
    expect(events.map(({ payload }) => payload)).toMatchObject(payloads)
    alice.tell({ eventMessage: { event: 'mark', metadata: { trace: '1' } } })
    const answer = { from: 'server', data: { textData: '' }, metadata: { seen: 'yes' } }
    expect(await alice.hear()).toEqual({ dataMessage: answer })
    expect(events.at(-1)).toMatchObject({ name: 'mark', metadata: { trace: '1' } })
  })

  it('learns from the ack that its event failed', async () => {
    await using service = startService()
    const alice = await join(service)
    alice.tell({ eventMessage: { event: 'nobody', data: { textData: '' }, ackId: 1 } })
    const error = { name: 'InternalServerError', message: 'Internal server error' }
    expect(await alice.hear()).toEqual({ ackMessage: { ackId: '1', error } })
  })

  it('may confirm sequences without having any', async () => {
    await using service = startService()
    const alice = await join(service)
    alice.tell({ sequenceAckMessage: { sequenceId: '18446744073709551615' } })
    await alice.expectSilence()
  })
})

const payloads: Payload[] = [
  { dataType: 'text', data: 'Grüße 👋' },
  { dataType: 'json', data: { b: 1, a: [null] } },
  { dataType: 'binary', data: Buffer.from([0, 255, 128]) },
  { dataType: 'protobuf', data: Buffer.from(anyBytes) },
]

describe('a stream of a protobuf client', () => {
  it('is read piece by piece by its own kind and by JSON clients', async () => {
    await using service = startService()
    const [alice, bob] = [await join(service), await joinReliably(service)]
    const carol = await service.join({ groups: ['g'] })
    alice.tell(send({ noEcho: true, stream: { streamId: 's', idleTimeoutMs: 60_000 } }))
    alice.tell({ streamDataMessage: { streamId: 's', streamSequenceId: 1, data: { textData: 'Hel' } } })
    alice.tell({ streamDataMessage: { streamId: 's' } })
    alice.tell({ streamDataMessage: { streamId: 's', streamSequenceId: 3, data: { textData: 'lost' } } })
    alice.tell({ streamDataMessage: { streamId: 's', streamSequenceId: 2, data: { jsonData: '{"j":1}' } } })
    alice.tell({ streamEndMessage: { streamId: 's', error: { message: 'gave up', userErrorCode: 'APP_42' } } })
    expect(await alice.hear()).toEqual({ streamAckMessage: { streamId: 's', expectedSequenceId: '1' } })
    expect(await alice.hear()).toEqual({ streamAckMessage: { streamId: 's', expectedSequenceId: '2' } })
    expect(await alice.hear()).toMatchObject({
      streamNackMessage: { streamId: 's', name: 'InvalidSequenceId', expectedSequenceId: '2' },
    })
    expect(await alice.hear()).toEqual({ streamAckMessage: { streamId: 's', expectedSequenceId: '3' } })
    expect(await alice.hear()).toEqual({ streamClosedMessage: { streamId: 's' } })
    const error = { name: 'UserError', message: 'gave up', userErrorCode: 'APP_42' }
    expect([await bob.hear(), await bob.hear(), await bob.hear()]).toMatchObject([
      { dataMessage: { data: { textData: 'Hel' }, sequenceId: '1', stream: { streamId: 's', streamSequenceId: '1' } } },
      { dataMessage: { data: { jsonData: '{"j":1}' }, sequenceId: '2', stream: { streamSequenceId: '2' } } },
      { dataMessage: { data: { textData: '' }, stream: { streamSequenceId: '3', endOfStream: true, error } } },
    ])
    expect([await carol.nextFrame(), await carol.nextFrame(), await carol.nextFrame()]).toMatchObject([
      { data: 'Hel', stream: { streamId: 's', streamSequenceId: 1 } },
      { data: { j: 1 }, stream: { streamSequenceId: 2 } },
      { data: '', stream: { streamSequenceId: 3, endOfStream: true, error } },
    ])
  })

  it('is refused to those who may not send, and unknown when it never began', async () => {
    await using service = startService()
    const alice = await join(service, { roles: [] })
    alice.tell(send({ stream: { streamId: 's' } }))
    expect(await alice.hear()).toMatchObject({ streamClosedMessage: { streamId: 's', error: { name: 'Forbidden' } } })
    alice.tell({ streamEndMessage: { streamId: 's' } })
    expect(await alice.hear()).toMatchObject({ streamClosedMessage: { error: { name: 'StreamNotFound' } } })
  })
})

describe('a reliable protobuf client', () => {
  it('is greeted with what it needs to come back', async () => {
    await using service = startService()
    const alice = await joinReliably(service)
    expect(alice.client.protocol).toBe(reliableProtobuf)
    expect(alice.reconnectionToken).toMatch(/^[\w-]{20,}$/)
  })

  it('gets what it never confirmed once more, byte for byte, and what came while it was away', async () => {
    await using service = startService()
    const say = (text: string) => service.hub.group('g').sendToAll(text, { contentType: 'text/plain' })
    const alice = await joinReliably(service)
    await say('one')
    await say('two')
    await say('three')
    const before = [await alice.client.next(), await alice.client.next(), await alice.client.next()]
    alice.tell({ sequenceAckMessage: { sequenceId: 1 } })
    await alice.expectSilence()
    await cut(service, alice)
    await say('four')
    const again = await comeBack(service, alice)
    expect(again.connectionId).toBe(alice.connectionId)
    expect([await again.client.next(), await again.client.next()]).toEqual(before.slice(1))
    expect(textOf(await again.hear())).toEqual(['four', '4'])
    again.tell(send({ data: { textData: 'five' }, ackId: 1 }))
    expect(textOf(await again.hear())).toEqual(['five', '5'])
    expect(await again.hear()).toEqual(ok(1))
  })

  it('numbers each of many connections by itself', async () => {
    await using service = startService()
    const alice = await joinReliably(service)
    await service.hub.sendToConnection(alice.connectionId, 'only you', { contentType: 'text/plain' })
    const bob = await joinReliably(service)
    bob.tell(send({ data: { textData: 'all' } }))
    expect([textOf(await alice.hear()), textOf(await alice.hear())]).toEqual([
      ['only you', '1'],
      ['all', '2'],
    ])
    expect(textOf(await bob.hear())).toEqual(['all', '1'])
  })

  it('cannot come back with a wrong token', async () => {
    await using service = startService()
    const alice = await joinReliably(service)
    const { client } = await comeBack(service, { ...alice, reconnectionToken: 'guess' })
    expect(await client.closed).toEqual({ code: 1008, reason: 'The connection could not be recovered.' })
  })
})

describe('a protobuf connection', () => {
  const disconnected = (reason: string) => ({ systemMessage: { disconnectedMessage: { reason } } })

  it('is closed with 1003 for a text frame, and with 1007 for what is no frame', async () => {
    await using service = startService()
    const broken = 'The client message is not a valid protobuf protocol message.'
    const bad = [
      { frame: '{"type":"ping"}', code: 1003, reason: 'The protobuf subprotocol requires binary messages.' },
      { frame: hex(''), code: 1007, reason: broken },
      { frame: hex('7A 00'), code: 1007, reason: broken },
      { frame: hex('4A 7F'), code: 1007, reason: broken },
      { frame: encodeUpstream(send({})), code: 1007, reason: broken },
    ]
    for (const name of [protobuf, reliableProtobuf]) {
      for (const { frame, code, reason } of bad) {
        const alice = await join(service, { name })
        alice.client.send(frame)
        expect(await alice.hear()).toEqual(disconnected(reason))
        expect(await alice.client.closed).toEqual({ code, reason })
      }
    }
    expect(service.pubsub.connectionCount).toBe(0)
  })

  it('is closed with 1009 for a frame that is too large, and takes the largest', async () => {
    await using service = startService()
    const alice = await join(service)
    const frameOf = (size: number) => encodeUpstream(send({ data: { binaryData: new Uint8Array(size) } }))
    const overhead = frameOf(1_000_000).length - 1_000_000
    alice.client.send(frameOf(1_048_576 - overhead))
    expect(await alice.hear()).toMatchObject({ dataMessage: { from: 'group' } })
    alice.client.send(frameOf(1_048_576 - overhead + 1))
    const reason = 'The client message is too large.'
    expect(await alice.hear()).toEqual(disconnected(reason))
    expect(await alice.client.closed).toEqual({ code: 1009, reason })
  })

  it('is told why the backend or the service closes it', async () => {
    await using service = startService()
    const alice = await join(service)
    await service.hub.closeConnection(alice.connectionId, { reason: 'maintenance' })
    expect(await alice.hear()).toEqual(disconnected('Application server closed the connection. Reason: maintenance'))
    expect(await alice.client.closed).toEqual({ code: 1000, reason: '' })
    const bob = await joinReliably(service)
    await service.pubsub.close()
    expect(await bob.hear()).toEqual(disconnected('Service reloading, please reconnect'))
    expect((await bob.client.closed).code).toBe(1001)
  })
})
