import { createHmac } from 'node:crypto'
import { type Context, json } from '../kit/context.ts'
import { matches, same } from '../kit/expect.ts'
import { echo, expectHeaders, post, raw } from '../kit/upstream.ts'
import { area } from '../model.ts'

/** What an event is posted as: content type and body. */
const bodies: [type: string, sent: string, contentType: string, body: string][] = [
  ['text', '"dataType":"text","data":"hü"', 'text/plain; charset=utf-8', 'hü'],
  ['json', '"dataType":"json","data":{"n":1.50}', 'application/json; charset=utf-8', '{"n":1.50}'],
  ['binary', '"dataType":"binary","data":"AQID"', 'application/octet-stream', '\u0001\u0002\u0003'],
  ['protobuf', '"dataType":"protobuf","data":"CgFh"', 'application/x-protobuf', '\n\u0001a'],
]

export const webhookRequestCases = area('upstream wire', '10.1', [
  {
    id: 'event-headers',
    title: 'an event is posted with all ce-* headers, both signatures and WebHook-Request-Origin',
    evidence: 'D',
    settings: raw.all,
    run: async (context) => {
      const client = await context.connect({ userId: 'alice' })
      client.send(echo)
      await client.expects({ ackId: 1, success: true })
      const [call] = context.callback.named('echo')
      expectHeaders(call, {
        'webhook-request-origin': context.target.endpoint.hostname,
        'ce-specversion': '1.0',
        'ce-awpsversion': '1.0',
        'ce-type': 'azure.webpubsub.user.echo',
        'ce-source': `/hubs/${context.hub}/client/${client.connectionId}`,
        'ce-hub': context.hub,
        'ce-connectionid': client.connectionId,
        'ce-eventname': 'echo',
        'ce-userid': 'alice',
        'ce-subprotocol': json,
      })
      matches(String(call?.headers['ce-time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'ce-time')
      matches(String(call?.headers['x-ms-client-request-id']), /^[\da-f-]{36}$/, 'x-ms-client-request-id')
    },
  },
  {
    id: 'signature',
    title: 'ce-signature holds the HMAC of the connection id by both keys, with a comma and no space',
    evidence: 'D',
    settings: raw.all,
    run: async (context) => {
      const client = await context.connect()
      await context.until(() => context.callback.named('connected').length === 1, 'connected')
      const { key, secondaryKey = '' } = context.target
      const hmac = (secret: string) =>
        `sha256=${createHmac('sha256', secret).update(client.connectionId).digest('hex')}`
      const [call] = context.callback.named('connected')
      same(call?.headers['ce-signature'], `${hmac(key)},${hmac(secondaryKey)}`)
    },
  },
  {
    id: 'ids',
    title: 'ce-id counts per connection: 0 for connect, then 1, 2, 3',
    evidence: 'D',
    settings: raw.all,
    run: async (context) => {
      const client = await context.connect()
      await context.until(() => context.callback.named('connected').length === 1, 'connected')
      client.send(echo, echo.replace('"ackId":1', '"ackId":2'))
      await client.skipTo({ ackId: 2 })
      client.socket.close(1000)
      await context.until(() => context.callback.named('disconnected').length === 1, 'disconnected')
      const posts = context.callback.calls.filter(({ method }) => method === 'POST')
      same(
        posts.map(({ headers }) => headers['ce-id']),
        ['0', '1', '2', '3', '4'],
      )
    },
  },
  {
    id: 'connect-body',
    title: 'connect is posted with claims, query, headers, subprotocols and clientCertificates, without the token',
    spec: '10.2',
    evidence: 'D',
    settings: raw.connects,
    run: async (context) => {
      await context.connect({ userId: 'alice', query: '&Room=1' })
      const [call] = context.callback.named('connect')
      const body = JSON.parse(String(await call?.body)) as Record<string, Record<string, string[]>> // compared below
      same([body['claims']?.['sub'], body['query'], body['subprotocols']], [['alice'], { Room: ['1'] }, [json]])
      same(body['clientCertificates'], [], 'clientCertificates')
      expectHeaders(call, {
        'content-type': 'application/json; charset=utf-8',
        'ce-type': 'azure.webpubsub.sys.connect',
      })
      same(call?.headers['ce-subprotocol'], undefined, 'ce-subprotocol')
      const names = Object.keys(body['headers'] ?? {}).map((name) => name.toLowerCase())
      same(names.includes('authorization'), false, 'the header Authorization')
    },
  },
  {
    id: 'connected-body',
    title: 'connected has the body {} and disconnected {"reason":…}',
    spec: '10.2',
    evidence: 'D',
    settings: raw.all,
    run: async (context) => {
      const client = await context.connect()
      await context.until(() => context.callback.named('connected').length === 1, 'connected')
      client.socket.close(1000, 'bye')
      await context.until(() => context.callback.named('disconnected').length === 1, 'disconnected')
      const [connected] = context.callback.named('connected')
      const [disconnected] = context.callback.named('disconnected')
      same(String(await connected?.body), '{}')
      same(Object.keys(JSON.parse(String(await disconnected?.body)) as object), ['reason'])
      expectHeaders(connected, { 'ce-type': 'azure.webpubsub.sys.connected' })
      expectHeaders(disconnected, { 'ce-type': 'azure.webpubsub.sys.disconnected' })
    },
  },
  ...bodies.map(([type, sent, contentType, body]) => ({
    id: `body-${type}`,
    title: `an event with ${type} is posted as ${contentType}`,
    spec: '10.2',
    evidence: 'D',
    settings: raw.users,
    run: async (context: Context) => {
      const client = await context.connect()
      client.send(`{"type":"event","event":"echo","ackId":1,${sent}}`)
      await client.expects({ ackId: 1, success: true })
      const [call] = context.callback.named('echo')
      expectHeaders(call, { 'content-type': contentType })
      same(String(await call?.body), body)
    },
  })),
  {
    id: 'metadata',
    title: 'metadata of an event travels as x-webpubsub-metadata-* headers, there and back',
    spec: '10.3',
    evidence: 'E',
    settings: raw.users,
    run: async (context) => {
      context.callback.answer(
        post({ headers: { 'content-type': 'text/plain', 'x-webpubsub-metadata-back': '43' }, body: 'x' }),
      )
      const client = await context.connect()
      client.send('{"type":"event","event":"echo","dataType":"text","data":"hi","metadata":{"trace":"42"}}')
      await client.expects('{"type":"message","from":"server","dataType":"text","data":"x","metadata":{"back":"43"}}')
      expectHeaders(context.callback.named('echo')[0], { 'x-webpubsub-metadata-trace': '42' })
    },
  },
  {
    id: 'validation',
    title: 'the handler is validated by OPTIONS with its event as "validate" before its first event',
    spec: '10.4',
    evidence: 'D',
    settings: raw.users,
    run: async (context) => {
      const client = await context.connect()
      client.send(echo)
      await client.expects({ ackId: 1, success: true })
      const [first] = context.callback.calls
      same([first?.method, first?.url], ['OPTIONS', `/raw/${context.hub}/validate`])
      expectHeaders(first, { 'webhook-request-origin': context.target.endpoint.hostname })
    },
  },
  {
    id: 'url-template',
    title: 'hub and event stand in the address',
    spec: '10.5',
    evidence: 'D',
    settings: raw.users,
    run: async (context) => {
      const client = await context.connect()
      client.send(echo)
      await client.expects({ ackId: 1, success: true })
      same(context.callback.named('echo')[0]?.url, `/raw/${context.hub}/echo`)
    },
  },
  {
    id: 'first-match',
    title: 'of several handlers the first that matches is asked; names are compared without case',
    spec: '10.5',
    evidence: 'D',
    settings: {
      handlers: [
        { name: 'one', userEventPattern: 'Alpha, beta' },
        { name: 'two', userEventPattern: '*' },
      ],
    },
    run: async (context) => {
      const client = await context.connect()
      for (const [at, event] of ['alpha', 'beta', 'gamma'].entries()) {
        client.send({ type: 'event', event, ackId: at + 1, dataType: 'text', data: 'x' })
      }
      await client.skipTo({ ackId: 3 })
      const urls = context.callback.calls.filter(({ method }) => method === 'POST').map(({ url }) => url.split('/')[1])
      same(urls, ['one', 'one', 'two'])
    },
  },
])
