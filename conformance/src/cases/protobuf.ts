import type { Client } from '../kit/client.ts'
import { type Context, mayAll, mayJoin, maySend, protobuf, reliableProtobuf } from '../kit/context.ts'
import { Difference, same } from '../kit/expect.ts'
import { decode, encode, type Expected, isMessage, type Message } from '../kit/wire.ts'
import { area } from '../model.ts'

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const ackOk = (id: number): Expected => ({ 1: { 1: id, 2: true } })
const ackNo = (id: number, name: string): Expected => ({ 1: { 1: id, 3: { 1: name, 2: undefined } } })
const pong = bytesOf('22 00')
const joinLobby = bytesOf('32 09 0A 05 6C 6F 62 62 79 10 01')

/** A payload that a JSON client or REST sends, and the `MessageData` in which it arrives. */
const inward: [id: string, title: string, sent: object, data: Message, evidence: string][] = [
  ['text', 'text arrives as text_data', { dataType: 'text', data: 'hi' }, { 1: 'hi' }, 'D'],
  ['binary', 'bytes arrive as binary_data', { dataType: 'binary', data: 'AQID' }, { 2: Buffer.from([1, 2, 3]) }, 'D'],
  ['json', 'JSON arrives as json_data', { data: { a: 1 } }, { 4: '{"a":1}' }, 'KE'],
  [
    'any',
    'an Any arrives as protobuf_data',
    { dataType: 'protobuf', data: 'CgFh' },
    { 3: Buffer.from('CgFh', 'base64') },
    'S',
  ],
]

/** A `MessageData` that a protobuf client sends, and how a JSON client sees it. */
const outward: [id: string, data: Message, arrives: object][] = [
  ['text', { 1: 'hi' }, { dataType: 'text', data: 'hi' }],
  ['text-empty', { 1: '' }, { dataType: 'text', data: '' }],
  ['binary', { 2: Buffer.from([1, 2, 3]) }, { dataType: 'binary', data: 'AQID' }],
  ['any', { 3: Buffer.from('CgFh', 'base64') }, { dataType: 'protobuf', data: 'CgFh' }],
  ['json', { 4: '{"a":1}' }, { dataType: 'json', data: { a: 1 } }],
]

const broken: [id: string, bytes: Buffer][] = [
  ['garbage', bytesOf('FF FF FF')],
  ['empty', Buffer.alloc(0)],
  ['unknown-field', encode({ 15: { 1: 'x' } })],
  ['truncated', joinLobby.subarray(0, 6)],
  ['join-without-group', encode({ 6: { 2: 1 } })],
  ['send-without-data', encode({ 1: { 1: 'lobby', 2: 1 } })],
  ['send-bad-ttl', encode({ 1: { 1: 'lobby', 3: { 1: 'x' }, 5: 301 } })],
  ['event-bad-name', encode({ 5: { 1: 'a b', 2: { 1: 'x' } } })],
]

export const protobufCases = area('protobuf', '7', [
  {
    id: 'connected',
    title: 'connected names connection and user',
    evidence: 'DS',
    run: async (context) => {
      const client = await context.connect({ protocols: [protobuf], userId: 'alice' })
      await expects(client, { 3: { 1: { 1: undefined, 2: 'alice' } } })
    },
  },
  {
    id: 'connected-reliable',
    title: 'connected of the reliable protocol has a reconnection token',
    evidence: 'DS',
    run: async (context) => {
      const client = await context.connect({ protocols: [reliableProtobuf], userId: 'alice' })
      const { token } = await connectedOf(client)
      same(token.length >= 16, true)
    },
  },
  {
    id: 'ping',
    title: 'ping 4A 00 is answered with pong 22 00',
    evidence: 'S',
    run: async (context) => {
      const client = await talking(context)
      client.send(bytesOf('4A 00'))
      await client.expects(pong)
    },
  },
  {
    id: 'join',
    title: 'the vector of a join is acknowledged with 0A 04 08 01 10 01',
    spec: 'B',
    evidence: 'S',
    run: async (context) => {
      const client = await talking(context, { roles: [mayJoin] })
      client.send(joinLobby)
      await client.expects(bytesOf('0A 04 08 01 10 01'))
    },
  },
  {
    id: 'leave',
    title: 'a leave is acknowledged',
    evidence: 'DS',
    run: async (context) => {
      const client = await talking(context, { roles: [mayJoin] })
      client.send(encode({ 7: { 1: 'lobby', 2: 5 } }))
      await expects(client, ackOk(5))
    },
  },
  {
    id: 'send',
    title: 'the vector of a send with noEcho is acknowledged and reaches the others',
    spec: 'B',
    evidence: 'S',
    run: async (context) => {
      const reader = await talking(context, { groups: ['lobby'] })
      const client = await talking(context, { userId: 'alice', roles: [maySend], groups: ['lobby'] })
      client.send(bytesOf('0A 11 0A 05 6C 6F 62 62 79 10 02 1A 04 0A 02 68 69 20 01'))
      await expects(client, ackOk(2))
      await expects(reader, { 2: { 1: 'group', 2: 'lobby', 3: { 1: 'hi' } } })
      client.send(bytesOf('4A 00'))
      await client.expects(pong)
    },
  },
  {
    id: 'forbidden',
    title: 'a send without permission is answered with Forbidden',
    evidence: 'D',
    edges: ['6'],
    run: async (context) => {
      const client = await talking(context)
      client.send(encode({ 1: { 1: 'lobby', 2: 2, 3: { 1: 'hi' } } }))
      await expects(client, ackNo(2, 'Forbidden'))
    },
  },
  {
    id: 'duplicate',
    title: 'an ackId that was processed is answered with Duplicate',
    evidence: 'DE',
    edges: ['4'],
    run: async (context) => {
      const client = await talking(context, { roles: [mayJoin] })
      client.send(joinLobby, joinLobby)
      await expects(client, ackOk(1))
      await expects(client, ackNo(1, 'Duplicate'))
    },
  },
  {
    id: 'event-unhandled',
    title: 'the vector of an event that nobody handles fails with InternalServerError',
    spec: 'B',
    evidence: 'E',
    run: async (context) => {
      const client = await talking(context)
      client.send(bytesOf('2A 0F 0A 04 65 63 68 6F 12 05 12 03 01 02 03 18 03'))
      await expects(client, ackNo(3, 'InternalServerError'))
    },
  },
  {
    id: 'ack-64-bit',
    title: 'an ackId of 2^64 − 1 comes back whole',
    evidence: 'S',
    run: async (context) => {
      const client = await talking(context, { roles: [mayJoin] })
      client.send(encode({ 6: { 1: 'lobby', 2: 18_446_744_073_709_551_615n } }))
      await expects(client, { 1: { 1: 18_446_744_073_709_551_615n, 2: true } })
    },
  },
  ...inward.map(([id, title, sent, data, evidence]) => ({
    id: `to-${id}`,
    title: `${title}, and there is no sender in the message`,
    evidence,
    run: async (context: Context) => {
      const reader = await talking(context, { groups: ['lobby'] })
      const sender = await context.connect({ userId: 'alice', roles: [maySend] })
      sender.send({ type: 'sendToGroup', group: 'lobby', ...sent })
      await expects(reader, { 2: { 1: 'group', 2: 'lobby', 3: data } })
    },
  })),
  ...outward.map(([id, data, arrives]) => ({
    id: `from-${id}`,
    title: `what it sends as ${id} arrives at a JSON client as ${JSON.stringify(arrives)}`,
    evidence: 'S',
    run: async (context: Context) => {
      const reader = await context.connect({ groups: ['lobby'] })
      const sender = await talking(context, { userId: 'alice', roles: [maySend] })
      sender.send(encode({ 1: { 1: 'lobby', 3: data } }))
      await reader.expects({ group: 'lobby', fromUserId: 'alice', ...arrives })
    },
  })),
  {
    id: 'server-message',
    title: 'a message by REST comes from server, without a group',
    evidence: 'D',
    run: async (context) => {
      const client = await talking(context)
      await context.service.sendToAll('hi', { contentType: 'text/plain' })
      await expects(client, { 2: { 1: 'server', 3: { 1: 'hi' } } })
    },
  },
  {
    id: 'metadata',
    title: 'metadata arrives as the map of field 5',
    evidence: 'S',
    run: async (context) => {
      const client = await talking(context)
      await context.rest('POST', '/:send', { body: 'hi', headers: { 'x-webpubsub-metadata-trace': '42' } })
      await expects(client, { 2: { 1: 'server', 3: { 1: 'hi' }, 5: { 1: 'trace', 2: '42' } } })
    },
  },
  {
    id: 'text-frame',
    title: 'a text frame closes with 1003',
    spec: '3.4',
    evidence: 'E',
    run: async (context) => {
      const client = await talking(context)
      client.send('hello')
      await client.expectsClose(1003)
    },
  },
  ...broken.map(([id, bytes]) => ({
    id: `broken-${id}`,
    title: `${id.replaceAll('-', ' ')} closes with 1007, behind a disconnected message`,
    spec: '3.4',
    evidence: 'E',
    edges: ['8'],
    run: async (context: Context) => {
      const client = await talking(context, { roles: mayAll })
      client.send(bytes)
      await expects(client, { 3: { 2: { 2: undefined } } })
      await client.expectsClose(1007)
    },
  })),
  {
    id: 'rest-close',
    title: 'a close by REST comes as a disconnected message with its reason in field 2',
    spec: '3.5',
    evidence: 'E',
    run: async (context) => {
      const client = await talking(context, { userId: 'alice' })
      await context.service.closeUserConnections('alice', { reason: 'bye' })
      await expects(client, { 3: { 2: { 2: 'Application server closed the connection. Reason: bye' } } })
      await client.expectsClose(1000, '')
    },
  },
  {
    id: 'reliable-sequence',
    title: 'messages of the reliable protocol are numbered in field 4',
    evidence: 'DS',
    run: async (context) => {
      const client = await context.connect({ protocols: [reliableProtobuf] })
      await connectedOf(client)
      for (const number of [1, 2]) {
        await context.service.sendToAll('hi', { contentType: 'text/plain' })
        await expects(client, { 2: { 1: 'server', 3: { 1: 'hi' }, 4: number } })
      }
    },
  },
  {
    id: 'reliable-recovery',
    title: 'what was not confirmed comes again after a recovery, byte for byte',
    spec: '6.4',
    evidence: 'DS',
    run: async (context) => {
      const client = await context.connect({ protocols: [reliableProtobuf] })
      const { id, token } = await connectedOf(client)
      for (const text of ['a', 'b']) await context.service.sendToAll(text, { contentType: 'text/plain' })
      const [, second] = [await client.next(), await client.next()]
      client.send(encode({ 8: { 1: 1 } }))
      client.send(bytesOf('4A 00'))
      await client.expects(pong)
      client.socket.terminate()
      const query = `&awps_connection_id=${id}&awps_reconnection_token=${token}`
      const again = await context.connect({ protocols: [reliableProtobuf], query })
      const first = await again.next()
      await again.expects(Buffer.from(second), 'the replay').catch(() => same(first, second, 'the replay'))
    },
  },
  {
    id: 'stream',
    title: 'a stream is acknowledged and delivered with its numbers in field 6',
    spec: '5.6',
    evidence: 'S',
    run: async (context) => {
      const reader = await talking(context, { groups: ['lobby'] })
      const writer = await talking(context, { roles: [maySend] })
      writer.send(encode({ 1: { 1: 'lobby', 7: { 1: 's1' } } }))
      await expects(writer, { 6: { 1: 's1', 2: 1 } })
      writer.send(encode({ 13: { 1: 's1', 2: 1, 3: { 1: 'hi' } } }))
      await expects(writer, { 6: { 1: 's1', 2: 2 } })
      await expects(reader, { 2: { 1: 'group', 2: 'lobby', 3: { 1: 'hi' }, 6: { 1: 's1', 2: 1 } } })
      writer.send(encode({ 14: { 1: 's1' } }))
      await expects(writer, { 8: { 1: 's1' } })
    },
  },
])

async function talking(context: Context, options: Parameters<Context['connect']>[0] = {}): Promise<Client> {
  const client = await context.connect({ ...options, protocols: [protobuf] })
  await client.next()
  return client
}

async function expects(client: Client, expected: Expected): Promise<void> {
  const got = await client.next()
  const isRight = typeof got !== 'string' && isMessage(got, expected)
  if (!isRight) throw new Difference(expected, typeof got === 'string' ? got : got.toString('hex'))
}

async function connectedOf(client: Client): Promise<{ id: string; token: string }> {
  const system = nested(Buffer.from(await client.next()), 3)
  const connected = decode(nested(system, 1))
  return { id: String(connected.get(1) ?? ''), token: String(connected.get(3) ?? '') }
}

function nested(bytes: Buffer, number: number): Buffer {
  const value = decode(bytes).get(number)
  if (!Buffer.isBuffer(value)) throw new Difference(`a message in field ${number}`, bytes.toString('hex'))
  return value
}
