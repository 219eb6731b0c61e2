import { describe, expect, it } from 'bun:test'
import type { UserEvent } from '../ports.ts'
import { testKeys } from '../testing/service.ts'
import { signatureOf } from './headers.ts'
import { bodyIn, context, headerOf, ok, openHandler, outcomeOf, question, startReceiver, textEvent } from './testing.ts'

const signature =
  'sha256=9f55ac1cbac61792c99ac93d767e6979ac9ede9390ded40266909264c48fd6e7,sha256=eeff4698149a17e3c139bbb8dd279797b2bc8d0170b176b0b11155fac3a6bb33'
const clock = () => Date.UTC(2026, 0, 1, 0, 0, 0, 999)
const uuid = /x-ms-client-request-id: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/** The lines of a request as it went over the wire, with the one value in it that is never the same. */
const linesOf = (request: string | undefined = '') =>
  request.replace(uuid, 'x-ms-client-request-id: <uuid>').split('\r\n')

const common = (port: number, contentType: string) => [
  'POST /hook HTTP/1.1',
  `Host: 127.0.0.1:${port}`,
  `Content-Type: ${contentType}`,
  'WebHook-Request-Origin: contoso.example',
  'ce-awpsversion: 1.0',
  'ce-specversion: 1.0',
  'ce-source: /hubs/chat/client/0f6c1f5d2b7a4e5c9a3d8b1e6c4f7a20',
  'ce-hub: chat',
  'ce-connectionId: 0f6c1f5d2b7a4e5c9a3d8b1e6c4f7a20',
  'ce-userId: alice',
]
const named = (type: string, event: string, id: number) => [
  `ce-signature: ${signature}`,
  `ce-type: azure.webpubsub.${type}.${event}`,
  `ce-id: ${id}`,
  'ce-time: 2026-01-01T00:00:00Z',
  `ce-eventName: ${event}`,
]
const end = (length: number) => ['x-ms-client-request-id: <uuid>', `Content-Length: ${length}`, '']
const jsonType = 'application/json; charset=utf-8'
const subprotocol = 'ce-subprotocol: json.webpubsub.azure.v1'

describe('what a webhook sends', () => {
  it('asks for permission first', async () => {
    await using receiver = await startReceiver()
    await openHandler(receiver.port).connect(question())
    expect(linesOf(receiver.requests[0])).toEqual([
      'OPTIONS /hook HTTP/1.1',
      `Host: 127.0.0.1:${receiver.port}`,
      'WebHook-Request-Origin: contoso.example',
      'ce-awpsversion: 1.0',
      '',
      '',
    ])
  })

  it('tells connect what the client brought, in exactly these bytes', async () => {
    await using receiver = await startReceiver()
    await openHandler(receiver.port, { clock }).connect(question())
    const body =
      '{"claims":{"sub":["alice"],"role":["webpubsub.sendToGroup"]},"query":{"room":["1"]},"headers":{"User-Agent":["a browser"]},"subprotocols":["json.webpubsub.azure.v1"],"clientCertificates":[]}'
    expect(linesOf(receiver.posts[0])).toEqual([
      ...common(receiver.port, jsonType),
      ...named('sys', 'connect', 0),
      ...end(body.length),
      body,
    ])
  })

  it('sends connected and disconnected in exactly these bytes', async () => {
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port, { clock })
    const joined = context()
    await handler.connected(joined)
    await handler.disconnected(joined, 'bye "now"')
    expect(linesOf(receiver.posts[0])).toEqual([
      ...common(receiver.port, jsonType),
      subprotocol,
      ...named('sys', 'connected', 1),
      ...end(2),
      '{}',
    ])
    expect(linesOf(receiver.posts[1])).toEqual([
      ...common(receiver.port, jsonType),
      subprotocol,
      ...named('sys', 'disconnected', 2),
      ...end(24),
      '{"reason":"bye \\"now\\""}',
    ])
  })

  it('sends a user event with its state and metadata in exactly these bytes', async () => {
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port, { clock })
    await handler.event(context({ state: 'eyJhIjoxfQ==' }), { ...textEvent('grüße'), metadata: { Trace: '4 2' } })
    const [head, body] = [linesOf(receiver.posts[0]).slice(0, -1), bodyIn(receiver.posts[0] ?? '')]
    expect(head).toEqual([
      ...common(receiver.port, 'text/plain; charset=utf-8'),
      subprotocol,
      ...named('user', 'message', 1),
      'ce-connectionState: eyJhIjoxfQ==',
      'x-ms-client-request-id: <uuid>',
      'x-webpubsub-metadata-trace: 4 2',
      'Content-Length: 7',
      '',
    ])
    expect(Buffer.from(body, 'latin1').toString()).toBe('grüße')
  })

  const bytes = new Uint8Array([0, 255, 13, 10])
  const payloads: [string, string, string, UserEvent['payload']][] = [
    ['JSON as it was written', jsonType, ' {"a" :1.0}', { dataType: 'json', data: { a: 1 }, json: ' {"a" :1.0}' }],
    ['a value', jsonType, '{"a":1}', { dataType: 'json', data: { a: 1 } }],
    ['bytes', 'application/octet-stream', '\0\xff\r\n', { dataType: 'binary', data: bytes }],
    ['protobuf', 'application/x-protobuf', '\0\xff\r\n', { dataType: 'protobuf', data: bytes }],
    ['an empty text', 'text/plain; charset=utf-8', '', { dataType: 'text', data: '' }],
  ]
  it.each(payloads)('forwards %s as %s, byte for byte', async (_, contentType, body, payload) => {
    await using receiver = await startReceiver()
    await openHandler(receiver.port).event(context(), { name: 'message', payload })
    const [request = ''] = receiver.posts
    expect(headerOf(request, 'Content-Type')).toBe(contentType)
    expect(headerOf(request, 'Content-Length')).toBe(String(body.length))
    expect(bodyIn(request)).toBe(body)
  })

  it('sends a whole message, however slowly it is read', async () => {
    await using receiver = await startReceiver()
    const text = 'a'.repeat(4 * 1_048_576)
    await openHandler(receiver.port).event(context(), textEvent(text))
    expect(bodyIn(receiver.posts[0] ?? '') === text).toBe(true)
  })

  it('sends a user id in UTF-8, as it is', async () => {
    await using receiver = await startReceiver()
    await openHandler(receiver.port).event(context({ userId: 'Zoë 你好' }), textEvent())
    const value = headerOf(receiver.posts[0] ?? '', 'ce-userId') ?? ''
    expect(Buffer.from(value, 'latin1').toString()).toBe('Zoë 你好')
  })

  it.each([
    ['user id', context({ userId: 'alice\r\nce-userId: bob' }), undefined],
    ['state', context({ state: 'a\nb' }), undefined],
    ['metadata value', context(), { trace: 'a\r\nce-userId: bob' }],
    ['metadata key', context(), { 'a: b\r\nc': 'd' }],
  ])('sends nothing when a %s would begin a line of its own', async (_, context, metadata) => {
    await using receiver = await startReceiver()
    const event = { ...textEvent(), ...(metadata && { metadata }) }
    expect(await outcomeOf(openHandler(receiver.port).event(context, event))).toBe('BadRequest')
    expect(receiver.posts).toEqual([])
  })

  it('says nothing of what it does not know, and signs nothing without a key', async () => {
    await using receiver = await startReceiver()
    const stranger = context({ userId: undefined, subprotocol: undefined })
    await openHandler(receiver.port, { signingKeys: () => [] }).event(stranger, textEvent())
    expect(receiver.posts[0]).not.toMatch(/ce-userId|ce-subprotocol|ce-connectionState|ce-signature|Cookie/i)
  })

  it('counts the events of each connection from 0, whether anybody takes them or not', async () => {
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port, {
      handlers: [{ urlTemplate: `http://127.0.0.1:${receiver.port}/`, userEventPattern: 'message' }],
    })
    const answer = await handler.connect(question())
    const joined = context({ memo: answer.accept ? answer.memo : undefined })
    await handler.connected(joined)
    await handler.event(joined, { ...textEvent(), name: 'other' }).catch(() => {})
    await handler.event({ ...joined, state: 'new' }, textEvent())
    await handler.event(joined, textEvent())
    expect(receiver.posts.map((request) => headerOf(request, 'ce-id'))).toEqual(['3', '4'])
  })

  it('goes on counting where another handler of its kind left off', async () => {
    await using receiver = await startReceiver()
    const answer = await openHandler(receiver.port).connect(question())
    const joined = context({ memo: answer.accept ? answer.memo : undefined })
    await openHandler(receiver.port).connected(joined)
    await openHandler(receiver.port).event(joined, textEvent())
    expect(receiver.posts.map((request) => headerOf(request, 'ce-id'))).toEqual(['0', '1', '2'])
  })

  it('signs with the keys of the moment', async () => {
    await using receiver = await startReceiver()
    let keys = ['old']
    const handler = openHandler(receiver.port, { signingKeys: () => keys })
    const joined = context({ memo: undefined })
    await handler.event(joined, textEvent())
    keys = ['new', 'old']
    await handler.event(joined, textEvent())
    const { connectionId } = joined
    expect(receiver.posts.map((request) => headerOf(request, 'ce-signature'))).toEqual([
      signatureOf(['old'], connectionId),
      signatureOf(['new', 'old'], connectionId),
    ])
  })

  it('signs as the reference vector says', () => {
    expect(signatureOf(testKeys, '0f6c1f5d2b7a4e5c9a3d8b1e6c4f7a20')).toBe(signature)
  })

  it('brings cookies back to the connection that they were given to', async () => {
    await using receiver = await startReceiver((_, at) =>
      ok(at === 1 ? ['Set-Cookie: lb=7; Path=/', 'Set-Cookie: b=2'] : []),
    )
    const handler = openHandler(receiver.port)
    const answer = await handler.connect(question())
    const joined = context({ memo: answer.accept ? answer.memo : undefined })
    await handler.connected(joined)
    await handler.event(joined, textEvent())
    await handler.event(context({ connectionId: 'other' }), textEvent())
    const cookies = receiver.posts.map((request) => headerOf(request, 'Cookie'))
    expect(cookies).toEqual([undefined, 'lb=7; b=2', 'lb=7; b=2', undefined])
  })

  it('fills the hub and the event into the address', async () => {
    await using receiver = await startReceiver()
    const url = `http://127.0.0.1:${receiver.port}/{hub}/on-{event}?code=a&of={Hub}`
    const handler = openHandler(receiver.port, { url })
    await handler.event(context({ hub: 'a,b' }), { ...textEvent(), name: 'say.it' })
    expect(receiver.requests.map((request) => request.split('\r\n')[0])).toEqual([
      'OPTIONS /a%2Cb/on-validate?code=a&of=a%2Cb HTTP/1.1',
      'POST /a%2Cb/on-say.it?code=a&of=a%2Cb HTTP/1.1',
    ])
  })
})
