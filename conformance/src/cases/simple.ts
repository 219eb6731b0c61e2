import { type Context, mayAll } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { area } from '../model.ts'

export const simpleCases = area('simple clients', '4', [
  {
    id: 'json-by-byte',
    title: 'JSON by REST arrives byte for byte as it was sent',
    evidence: 'W',
    run: async (context) => {
      const client = await simple(context)
      const body = '{ "b": 1.0,\n "a": [1e3, "\\u00e9"] }'
      await context.rest('POST', '/:send', { body, headers: { 'content-type': 'application/json' } })
      await client.expects(body)
    },
  },
  {
    id: 'hello-world',
    title: 'sendToAll of an object arrives as {"message":"Hello world!"}',
    evidence: 'W',
    run: async (context) => {
      const client = await simple(context)
      await context.service.sendToAll({ message: 'Hello world!' })
      await client.expects('{"message":"Hello world!"}')
    },
  },
  {
    id: 'text',
    title: 'text by REST arrives as a text frame',
    evidence: 'W',
    run: async (context) => {
      const client = await simple(context)
      await context.service.sendToAll('Hi there!', { contentType: 'text/plain' })
      await client.expects('Hi there!')
    },
  },
  {
    id: 'text-empty',
    title: 'an empty text by REST arrives as an empty text frame',
    spec: '13',
    evidence: 'E',
    edges: ['30'],
    run: async (context) => {
      const client = await simple(context)
      await context.rest('POST', '/:send', { body: '' })
      await client.expects('')
    },
  },
  {
    id: 'binary',
    title: 'bytes by REST arrive as a binary frame',
    evidence: 'W',
    run: async (context) => {
      const client = await simple(context)
      await context.service.sendToAll(new Uint8Array([5, 1, 1]).buffer)
      await client.expects(Buffer.from([5, 1, 1]))
    },
  },
  {
    id: 'group-text',
    title: 'text of a JSON client to a group arrives as a bare text frame',
    evidence: 'D',
    run: async (context) => {
      const client = await simple(context, { groups: ['lobby'] })
      const sender = await context.connect({ roles: mayAll })
      sender.send({ type: 'sendToGroup', group: 'lobby', dataType: 'text', data: 'hi' })
      await client.expects('hi')
    },
  },
  {
    id: 'group-json',
    title: 'JSON of a JSON client to a group arrives as it was written',
    evidence: 'D',
    run: async (context) => {
      const client = await simple(context, { groups: ['lobby'] })
      const sender = await context.connect({ roles: mayAll })
      sender.send('{"type":"sendToGroup","group":"lobby","data":{"n":1.50,"text":"hi"}}')
      await client.expects('{"n":1.50,"text":"hi"}')
    },
  },
  {
    id: 'group-binary',
    title: 'bytes of a JSON client to a group arrive as a binary frame',
    evidence: 'D',
    run: async (context) => {
      const client = await simple(context, { groups: ['lobby'] })
      const sender = await context.connect({ roles: mayAll })
      sender.send({ type: 'sendToGroup', group: 'lobby', dataType: 'binary', data: 'AQID' })
      await client.expects(Buffer.from([1, 2, 3]))
    },
  },
  {
    id: 'group-protobuf',
    title: 'a protobuf Any to a group arrives as a binary frame of its bytes',
    spec: '7',
    evidence: 'E',
    run: async (context) => {
      const client = await simple(context, { groups: ['lobby'] })
      await context.rest('POST', '/groups/lobby/:send', {
        body: new Uint8Array([10, 1, 97]),
        headers: { 'content-type': 'application/x-protobuf' },
      })
      await client.expects(Buffer.from([10, 1, 97]))
    },
  },
  {
    id: 'metadata-dropped',
    title: 'metadata is not seen by simple clients',
    spec: '15.23',
    evidence: 'E',
    run: async (context) => {
      const client = await simple(context)
      await context.rest('POST', '/:send', { body: 'x', headers: { 'x-webpubsub-metadata-trace': '42' } })
      await client.expects('x')
    },
  },
  {
    id: 'unhandled-event',
    title: 'a frame that nobody handles closes with 1011, without a frame before it',
    evidence: 'E',
    edges: ['37'],
    run: async (context) => {
      const client = await simple(context)
      client.send('hello')
      await client.expectsClose(1011, 'Internal server error')
    },
  },
  {
    id: 'rest-close',
    title: 'a close by REST is a close frame 1000 without a reason, and no frame before it',
    spec: '3.5',
    evidence: 'DE',
    run: async (context) => {
      const client = await simple(context, { userId: 'alice' })
      await context.service.closeUserConnections('alice', { reason: 'maintenance' })
      await client.next().then(
        (frame) => same(frame, 'no frame'),
        () => {},
      )
      await client.expectsClose(1000, '')
    },
  },
  {
    id: 'echo-close',
    title: 'a close with 1000 and a reason is echoed',
    spec: '3.4',
    evidence: 'E',
    run: async (context) => {
      const client = await simple(context)
      client.socket.close(1000, 'bye')
      await client.expectsClose(1000, 'bye')
    },
  },
  {
    id: 'control-ping',
    title: 'a WebSocket ping is answered with a pong of the same bytes',
    spec: '13',
    evidence: 'D',
    edges: ['42'],
    run: async (context) => {
      const client = await simple(context)
      const pong = new Promise<string>((resolve) => client.socket.on('pong', (data) => resolve(data.toString())))
      client.socket.ping('are you there')
      same(await pong, 'are you there')
    },
  },
])

const simple = (context: Context, options: Parameters<Context['connect']>[0] = {}) =>
  context.connect({ ...options, protocols: [] })
