import { describe, expect, it } from 'bun:test'
import { WebPubSubServiceClient } from '@azure/web-pubsub'
import { WebPubSubClient } from '@azure/web-pubsub-client'
import { connect } from '../testing/client.ts'
import { until } from '../testing/service.ts'
import type { EventHandler } from '../ports.ts'
import { developmentKey } from './keys.ts'
import { WebPubSub } from './start.ts'

const json = 'json.webpubsub.azure.v1'
const insecure = { allowInsecureConnection: true }
const wsUrl = (url: string, hub = 'chat') => `${url.replace('http', 'ws')}/client/hubs/${hub}`

const echo: EventHandler = {
  connect: async () => ({ accept: true, userId: 'from the handler' }),
  connected: async () => {},
  event: async (_, { payload }) => ({ reply: payload }),
  disconnected: async () => {},
}

describe('WebPubSub.start', () => {
  it('is reached by the official clients with its connection string', async () => {
    await using service = await WebPubSub.start()
    const backend = new WebPubSubServiceClient(service.connectionString, 'chat', insecure)
    const { url } = await backend.getClientAccessToken({ userId: 'ann', groups: ['lobby'] })
    const client = new WebPubSubClient(url)
    const heard: unknown[] = []
    client.on('group-message', ({ message }) => heard.push(message.data))
    await client.start()
    await backend.group('lobby').sendToAll({ hello: 'world' })
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ hello: 'world' }])
    expect(await backend.userExists('ann')).toBe(true)
    client.stop()
  })

  it('takes a free port and the development key, and tells both', async () => {
    await using service = await WebPubSub.start()
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(service.endpoint).toBe(service.url)
    expect(service.keys).toEqual([developmentKey])
    expect(service.connectionString).toBe(`Endpoint=${service.url};AccessKey=${developmentKey};Version=1.0;`)
  })

  it('is found under each name of this machine, by clients and by the REST client', async () => {
    await using service = await WebPubSub.start()
    const named = service.connectionString.replace('127.0.0.1', 'localhost')
    const backend = new WebPubSubServiceClient(named, 'chat', insecure)
    const { url } = await backend.getClientAccessToken()
    expect((await connect(url, [json])).protocol).toBe(json)
    expect(await backend.userExists('nobody')).toBe(false)
  })

  it('calls functions as handlers and lets in who has no token', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: { handler: echo, anonymousConnect: 'allow' } } })
    const client = await connect(wsUrl(service.url), [json])
    expect(await client.nextFrame()).toMatchObject({ event: 'connected', userId: 'from the handler' })
    client.send({ type: 'event', event: 'say', dataType: 'json', data: { a: 1 } })
    expect(await client.nextFrame()).toMatchObject({ from: 'server', data: { a: 1 } })
  })

  it('calls webhooks, signed with the keys of the moment', async () => {
    const calls: { event: string; signature: string }[] = []
    await using backend = webhook((request) => {
      calls.push({
        event: request.headers.get('ce-eventname') ?? '',
        signature: request.headers.get('ce-signature') ?? '',
      })
      return new Response('pong', { headers: { 'content-type': 'text/plain' } })
    })
    await using service = await WebPubSub.start({
      hubs: { chat: { eventHandlers: [{ urlTemplate: `${backend.url}{event}`, userEventPattern: '*' }] } },
    })
    const ask = async () => {
      const { url } = await service.hub('chat').getClientAccessToken()
      const client = await connect(url, [json])
      await client.nextFrame()
      client.send({ type: 'event', event: 'ping', dataType: 'text', data: 'x' })
      return client.nextFrame()
    }
    expect(await ask()).toMatchObject({ from: 'server', data: 'pong' })
    service.setKeys(['another key', 'and one more'])
    await ask()
    expect(calls.map(({ event }) => event)).toEqual(['ping', 'ping'])
    expect(calls.map(({ signature }) => signature.split(',').length)).toEqual([1, 2])
  })

  it('changes keys and hubs while it runs', async () => {
    await using service = await WebPubSub.start()
    const old = new WebPubSubServiceClient(service.connectionString, 'chat', insecure)
    service.setKeys(['a new key'])
    expect(service.keys).toEqual(['a new key'])
    expect(service.connectionString).toContain(';AccessKey=a new key;')
    expect(await faultOf(old.userExists('ann'))).toMatchObject({ statusCode: 401 })
    const current = new WebPubSubServiceClient(service.connectionString, 'chat', insecure)
    expect(await current.userExists('ann')).toBe(false)
    expect(await faultOf(connect(wsUrl(service.url), [json]))).toMatchObject({ message: 'the handshake failed' })
    service.setHub('Chat', { anonymousConnect: 'allow' })
    expect((await connect(wsUrl(service.url), [json])).protocol).toBe(json)
    service.setHub('chat', {})
    expect(await faultOf(connect(wsUrl(service.url), [json]))).toMatchObject({ message: 'the handshake failed' })
  })

  it('drains: health says no, newcomers are sent away for now, those there are told to come back', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: { anonymousConnect: 'allow' } } })
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(wsUrl(service.url), [json])))
    const health = () => fetch(`${service.url}/api/health`, { method: 'HEAD' })
    expect((await health()).status).toBe(200)
    const drained = service.drain({ withinMs: 500 })
    expect((await health()).status).toBe(503)
    const newcomer = await fetch(`${service.url}/client/hubs/chat`, { headers: upgradeHeaders })
    expect(newcomer.status).toBe(503)
    expect(newcomer.headers.get('retry-after')).toMatch(/^\d+$/)
    for (const { closed } of clients) {
      expect(await closed).toEqual({ code: 1001, reason: 'Service reloading, please reconnect' })
    }
    await drained
  })

  it('gives its port back', async () => {
    const first = await WebPubSub.start()
    await first.close()
    const port = Number(new URL(first.url).port)
    await using second = await WebPubSub.start({ port })
    expect(second.url).toBe(first.url)
  })

  it('shows the inspector at /, unless it is off', async () => {
    await using open = await WebPubSub.start()
    await using shut = await WebPubSub.start({ inspector: 'off' })
    expect((await fetch(open.url)).headers.get('content-type')).toContain('text/html')
    expect((await fetch(shut.url)).status).toBe(404)
    expect((await fetch(`${open.url}/nothing`)).status).toBe(404)
  })
})

describe('WebPubSub.start refuses', () => {
  it.each([
    [{ hostname: '0.0.0.0' }, /0\.0\.0\.0 can be reached by others/],
    [{ endpoint: 'https://pubsub.example.com' }, /pubsub\.example\.com can be reached by others/],
    [{ hostname: '0.0.0.0', keys: [developmentKey] as const }, /a key of your own is needed/],
    [{ hostname: '192.0.2.1', keys: ['k'] as const }, /this machine has no address 192\.0\.2\.1/],
    [{ tls: { cert: 'no', key: 'PEM' } }, /^tls: the certificate or its key cannot be used$/],
    [{ hubs: { '1': {} } }, /1 is not a hub name/],
    [
      { hubs: { chat: { handler: echo, eventHandlers: [{ urlTemplate: 'http://a/' }] } } },
      /a handler and eventHandlers/,
    ],
    [{ hubs: { chat: { eventHandlers: [{ urlTemplate: 'ftp://a/' }] } } }, /urlTemplate/],
  ])('%o', async (options, words) => {
    expect(await faultOf(WebPubSub.start(options))).toMatchObject({ message: expect.stringMatching(words) })
  })

  it('a port that is taken', async () => {
    await using service = await WebPubSub.start()
    const port = Number(new URL(service.url).port)
    expect(await faultOf(WebPubSub.start({ port }))).toMatchObject({
      message: expect.stringContaining(`port ${port} on 127.0.0.1 is in use`),
    })
  })
})

/** What it rejects with. */
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const upgradeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

function webhook(answer: (request: Request) => Response) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) =>
      request.method === 'OPTIONS'
        ? new Response(null, { headers: { 'WebHook-Allowed-Origin': '*' } })
        : answer(request),
  })
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) }
}
