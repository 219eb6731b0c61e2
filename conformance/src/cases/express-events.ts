import { type Context, mayAll, protobuf } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { encode } from '../kit/wire.ts'
import { ack, echo, express } from '../kit/upstream.ts'
import { area } from '../model.ts'

/** Microsoft's express middleware answers. */
export const expressEventCases = area('upstream express', '10', [
  ...(
    [
      ['text', '"dataType":"text","data":"hi"', { dataType: 'text', data: 'hi' }],
      ['json', '"dataType":"json","data":{"q":1}', { dataType: 'json', data: { q: 1 } }],
    ] as const
  ).map(([type, sent, arrives]) => ({
    id: `event-${type}`,
    title: `an event with ${type} is answered with ${type}, then acknowledged`,
    spec: '10.3',
    evidence: 'D',
    edges: ['21'],
    settings: express.users,
    run: async (context: Context) => {
      context.callback.express({
        handleUserEvent: ({ data, context: { eventName } }, response) =>
          response.success(
            type === 'text' ? `${eventName} ${String(data)}` : JSON.stringify({ eventName, data }),
            type,
          ),
      })
      const client = await context.connect()
      client.send(`{"type":"event","event":"echo","ackId":1,${sent}}`)
      const data = type === 'text' ? `echo ${arrives.data}` : { eventName: 'echo', data: arrives.data }
      await client.expects(JSON.stringify({ type: 'message', from: 'server', dataType: type, data }))
      await client.expects(ack)
    },
  })),
  {
    id: 'event-binary',
    title: 'an event with bytes is answered with bytes',
    spec: '10.3',
    evidence: 'D',
    settings: express.users,
    run: async (context) => {
      context.callback.express({
        handleUserEvent: ({ data }, response) =>
          // the package takes Node's buffers, whatever its types say
          response.success(
            Buffer.from([...new Uint8Array(data as ArrayBuffer), 9]) as unknown as ArrayBuffer,
            'binary',
          ),
      })
      const client = await context.connect()
      client.send('{"type":"event","event":"echo","ackId":1,"dataType":"binary","data":"AQID"}')
      await client.expects('{"type":"message","from":"server","dataType":"binary","data":"AQIDCQ=="}')
      await client.expects(ack)
    },
  },
  {
    id: 'event-empty',
    title: 'an empty success is acknowledged and sends nothing',
    spec: '10.3',
    evidence: 'DK',
    settings: express.users,
    run: async (context) => {
      context.callback.express({ handleUserEvent: (_, response) => response.success() })
      const client = await context.connect()
      client.send(echo)
      await client.expects(ack)
    },
  },
  {
    id: 'event-fail',
    title: 'fail(400) makes the ack InternalServerError, and the connection stays',
    spec: '10.3',
    evidence: 'E',
    settings: express.users,
    run: async (context) => {
      context.callback.express({ handleUserEvent: (_, response) => response.fail(400, 'no') })
      const client = await context.connect()
      client.send(echo)
      await client.expects({ ackId: 1, success: false, error: { name: 'InternalServerError' } })
      await client.silence()
    },
  },
  {
    id: 'one-at-a-time',
    title: 'events of one connection are asked for one after the other, in order',
    spec: '5.8',
    evidence: 'E',
    edges: ['22'],
    settings: express.users,
    run: async (context) => {
      const log: string[] = []
      context.callback.express({
        handleUserEvent: ({ data }, response) => {
          log.push(`+${String(data)}`)
          setTimeout(() => {
            log.push(`-${String(data)}`)
            response.success()
          }, 20)
        },
      })
      const client = await context.connect()
      for (const n of [1, 2, 3]) client.send({ type: 'event', event: 'echo', ackId: n, dataType: 'text', data: `${n}` })
      for (const n of [1, 2, 3]) await client.expects({ ackId: n, success: true })
      same(log, ['+1', '-1', '+2', '-2', '+3', '-3'])
    },
  },
  {
    id: 'allowed-endpoints',
    title: 'the validation is passed where allowedEndpoints name the service',
    spec: '10.4',
    evidence: 'K',
    settings: express.users,
    run: async (context) => {
      context.callback.express({
        allowedEndpoints: [context.target.endpoint.origin],
        handleUserEvent: (_, response) => response.success('ok', 'text'),
      })
      const client = await context.connect()
      client.send(echo)
      await client.expects({ from: 'server', data: 'ok' })
    },
  },
  {
    id: 'disallowed',
    title: 'no event is posted to a server whose validation names another origin',
    spec: '10.4',
    evidence: 'D',
    settings: express.users,
    run: async (context) => {
      context.callback.express({
        allowedEndpoints: ['https://other.example'],
        handleUserEvent: (_, response) => response.success('ok', 'text'),
      })
      const client = await context.connect()
      client.send(echo)
      await client.expects({ ackId: 1, success: false, error: { name: 'InternalServerError' } })
      same(context.callback.calls.filter(({ method }) => method === 'POST').length, 0)
    },
  },
  ...[[], [protobuf]].map((protocols) => ({
    id: `simple-and-protobuf-${protocols.length}`,
    title: `${protocols.length === 0 ? 'a simple client' : 'a protobuf client'} is answered in its own way`,
    spec: protocols.length === 0 ? '4' : '7',
    evidence: 'D',
    settings: express.users,
    run: async (context: Context) => {
      context.callback.express({
        handleUserEvent: ({ data }, response) => response.success(`heard ${String(data)}`, 'text'),
      })
      const client = await context.connect({ protocols })
      if (protocols.length === 0) {
        client.send('hi')
        return client.expects('heard hi')
      }
      await client.next()
      client.send(encode({ 5: { 1: 'echo', 2: { 1: 'hi' }, 3: 1 } }))
      await client.expects(encode({ 2: { 1: 'server', 3: { 1: 'heard hi' } } }))
      await client.expects(encode({ 1: { 1: 1, 2: true } }))
    },
  })),
  {
    id: 'never-upstream',
    title: 'joins, sends to groups, pings and REST never reach the handler',
    spec: '10.10',
    evidence: 'D',
    settings: express.users,
    run: async (context) => {
      const client = await context.connect({ roles: mayAll })
      client.send(
        { type: 'joinGroup', group: 'lobby', ackId: 1 },
        { type: 'sendToGroup', group: 'lobby', ackId: 2, data: 1 },
      )
      await client.skipTo({ ackId: 2 })
      await context.service.sendToAll('x', { contentType: 'text/plain' })
      await client.skipTo({ from: 'server' })
      await client.silence()
      same(context.callback.calls.filter(({ method }) => method === 'POST').length, 0)
    },
  },
])
