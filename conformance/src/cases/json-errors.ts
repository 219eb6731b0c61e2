import { type Context, json, mayAll } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { area } from '../model.ts'

const send = (rest: string) => `{"type":"sendToGroup","group":"lobby","ackId":1,${rest}}`
const invalid = 'The client message is not a valid JSON protocol message.'

/** Frames that no client of the protocol may send. */
const broken: [id: string, title: string, frame: string][] = [
  ['not-json', 'text that is not JSON', 'hello'],
  ['empty', 'an empty text', ''],
  ['array', 'an array', '[]'],
  ['text', 'a JSON text', '"ping"'],
  ['null', 'null', 'null'],
  ['no-type', 'an object without a type', '{"group":"lobby"}'],
  ['type-number', 'a type that is a number', '{"type":1}'],
  ['type-unknown', 'an unknown type', '{"type":"shout","ackId":1}'],
  ['type-downstream', 'a type of the other direction', '{"type":"pong"}'],
  ['join-no-group', 'a join without a group', '{"type":"joinGroup","ackId":1}'],
  ['join-empty-group', 'a join of an empty group name', '{"type":"joinGroup","group":"","ackId":1}'],
  ['join-blank-group', 'a join of a blank group name', '{"type":"joinGroup","group":"  ","ackId":1}'],
  ['join-long-group', 'a join of a name of 1025 characters', `{"type":"joinGroup","group":"${'g'.repeat(1_025)}"}`],
  ['join-group-number', 'a group that is a number', '{"type":"joinGroup","group":1}'],
  ['ack-text', 'an ackId that is a text', '{"type":"joinGroup","group":"lobby","ackId":"1"}'],
  ['ack-negative', 'a negative ackId', '{"type":"joinGroup","group":"lobby","ackId":-1}'],
  ['ack-fraction', 'a broken ackId', '{"type":"joinGroup","group":"lobby","ackId":1.5}'],
  ['ack-too-big', 'an ackId of 2^64', '{"type":"joinGroup","group":"lobby","ackId":18446744073709551616}'],
  ['send-no-data', 'a send without data', '{"type":"sendToGroup","group":"lobby","ackId":1}'],
  ['send-null', 'a send of null', send('"data":null')],
  ['send-unknown-type', 'an unknown dataType', send('"dataType":"xml","data":"x"')],
  ['send-text-number', 'a number as text', send('"dataType":"text","data":1')],
  ['send-binary-number', 'a number as binary', send('"dataType":"binary","data":1')],
  ['send-binary-garbage', 'binary data that is no base64', send('"dataType":"binary","data":"§§§"')],
  ['send-no-echo-text', 'a noEcho that is a text', send('"noEcho":"true","data":1')],
  ['ttl-negative', 'a negative ttlSeconds', send('"ttlSeconds":-1,"data":1')],
  ['ttl-over', 'a ttlSeconds of 301', send('"ttlSeconds":301,"data":1')],
  ['ttl-fraction', 'a broken ttlSeconds', send('"ttlSeconds":1.5,"data":1')],
  ['ttl-text', 'a ttlSeconds that is a text', send('"ttlSeconds":"60","data":1')],
  ['metadata-array', 'metadata that is a list', send('"metadata":["a"],"data":1')],
  ['metadata-number', 'metadata with a number', send('"metadata":{"a":1},"data":1')],
  ['metadata-twice', 'metadata with a key twice', send('"metadata":{"a":"1","a":"2"},"data":1')],
  ['metadata-key', 'a metadata key that is no token', send('"metadata":{"a b":"1"},"data":1')],
  ['metadata-long-key', 'a metadata key of 257 characters', send(`"metadata":{"${'k'.repeat(257)}":"1"},"data":1`)],
  ['metadata-long-value', 'a metadata value of 1025', send(`"metadata":{"k":"${'v'.repeat(1_025)}"},"data":1`)],
  ['metadata-sum', 'metadata of more than 8 KiB', send(`"metadata":${bigMetadata()},"data":1`)],
  ['event-no-name', 'an event without a name', '{"type":"event","ackId":1,"data":1}'],
  ['event-empty-name', 'an event with an empty name', '{"type":"event","event":"","data":1}'],
  ['event-bad-name', 'an event name with a space', '{"type":"event","event":"a b","data":1}'],
  ['event-digit-name', 'an event name that starts with a digit', '{"type":"event","event":"1a","data":1}'],
  ['event-long-name', 'an event name of 129 characters', `{"type":"event","event":"${'e'.repeat(129)}","data":1}`],
  ['event-null', 'an event of null', '{"type":"event","event":"echo","ackId":1,"data":null}'],
  ['event-no-data', 'an event without data', '{"type":"event","event":"echo","ackId":1}'],
  ['sequence-no-id', 'a sequenceAck without an id', '{"type":"sequenceAck"}'],
  ['sequence-text', 'a sequenceAck with a text', '{"type":"sequenceAck","sequenceId":"1"}'],
]

const tooLarge = `{"type":"event","event":"echo","data":"${'x'.repeat(1_048_576)}"}`

export const jsonErrorCases = area('json errors', '3.4', [
  ...broken.map(([id, title, frame]) => ({
    id,
    title: `${title} closes with 1007, behind a disconnected frame and no ack`,
    evidence: 'E',
    edges: frame.includes('null') ? ['8', '31'] : ['8'],
    run: (context: Context) => closes(context, frame, { code: 1007, reason: invalid }),
  })),
  ...['not-json', 'type-unknown', 'send-null'].map((id) => ({
    id: `declined-${id}`,
    title: `${broken.find(([name]) => name === id)?.[1]} is declined: no ack, and the connection ends`,
    spec: '13',
    evidence: 'D',
    edges: ['8'],
    run: async (context: Context) => {
      const client = await context.connect({ roles: mayAll })
      client.send(broken.find(([name]) => name === id)?.[2] ?? '')
      const frames: unknown[] = []
      for (;;) {
        const frame = await client.frame().catch(() => undefined)
        if (!frame) break
        frames.push(frame['type'])
      }
      same(frames.includes('ack'), false, 'ack')
      await client.closing()
    },
  })),
  {
    id: 'too-large',
    title: 'a message above 1 MiB closes with 1009',
    evidence: 'E',
    edges: ['10'],
    run: async (context) => {
      const client = await context.connect()
      client.send(tooLarge)
      await client.expectsClose(1009)
    },
  },
  {
    id: 'just-fits',
    title: 'a message of just under 1 MiB is delivered',
    spec: '12',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ roles: mayAll, groups: ['lobby'] })
      const data = 'x'.repeat(1_048_576 - 200)
      client.send({ type: 'sendToGroup', group: 'lobby', ackId: 1, dataType: 'text', data, noEcho: true })
      await client.expects({ ackId: 1, success: true })
    },
  },
  {
    id: 'binary-garbage',
    title: 'a binary frame that is no JSON closes with 1003',
    evidence: 'E',
    edges: ['9'],
    run: (context) =>
      closes(context, Buffer.from([1, 2, 255]), { code: 1003, reason: 'The JSON subprotocol requires text messages.' }),
  },
  {
    id: 'binary-json',
    title: 'a binary frame that holds JSON is taken as such',
    spec: '15.3',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect()
      client.send(Buffer.from('{"type":"ping"}'))
      await client.expects('{"type":"pong"}')
    },
  },
  {
    id: 'rest-close-reason',
    title: 'a close by REST comes as a disconnected frame with its sentence, then 1000 without a reason',
    spec: '3.5',
    evidence: 'EW',
    edges: ['13'],
    run: async (context) => {
      const client = await context.connect()
      await context.service.closeConnection(client.connectionId, { reason: 'maintenance' })
      await client.expects(
        '{"type":"system","event":"disconnected","message":"Application server closed the connection. Reason: maintenance"}',
      )
      await client.expectsClose(1000, '')
    },
  },
  {
    id: 'rest-close',
    title: 'a close by REST without a reason says so in the disconnected frame',
    spec: '3.5',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect()
      await context.service.closeConnection(client.connectionId)
      await client.expects(
        '{"type":"system","event":"disconnected","message":"Application server closed the connection."}',
      )
      await client.expectsClose(1000, '')
    },
  },
  {
    id: 'echo-close',
    title: 'a close with 1000 and a reason is echoed, with no frame before it',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect()
      client.socket.close(1000, 'bye')
      await client.expectsClose(1000, 'bye')
    },
  },
])

function bigMetadata(): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, 'v'.repeat(1_000)])))
}

async function closes(context: Context, frame: string | Buffer, closing: { code: number; reason: string }) {
  const client = await context.connect({ protocols: [json], roles: mayAll })
  client.send(frame)
  await client.expects(`{"type":"system","event":"disconnected","message":"${closing.reason}"}`)
  await client.expectsClose(closing.code, closing.reason)
}
