import { describe, expect, it } from 'bun:test'
import type { EventAnswer } from '../ports.ts'
import { context, ok, openHandler, outcomeOf, question, respond, startReceiver, textEvent } from './testing.ts'

const json = 'Content-Type: application/json; charset=utf-8'

async function connectWith(answer: Buffer) {
  await using receiver = await startReceiver(() => answer)
  const { memo: _, ...rest } = { memo: undefined, ...(await openHandler(receiver.port).connect(question())) }
  return rest
}

async function eventWith(answer: Buffer): Promise<EventAnswer> {
  await using receiver = await startReceiver(() => answer)
  return await openHandler(receiver.port).event(context(), textEvent())
}

describe('the answer to connect', () => {
  it.each([
    ['an empty body', ok()],
    ['204', respond(204, [])],
    ['null', ok([json], 'null')],
    ['an empty object', ok([json], '{}')],
    ['nulls', ok([json], '{"userId":null,"groups":null,"roles":null,"subprotocol":null}')],
    ['fields that nobody knows', ok([json], '{"mqtt":{"code":0}}')],
  ])('keeps what the token said for %s', async (_, answer) => {
    expect(await connectWith(answer)).toEqual({ accept: true })
  })

  it('takes over what it names, whatever its content type', async () => {
    const body = '{"userId":"","groups":[],"roles":["webpubsub.joinLeaveGroup"],"subprotocol":"mine"}'
    const answer = await connectWith(ok(['Content-Type: text/html', 'ce-connectionState: c3RhdGU='], body))
    const named = { userId: '', groups: [], roles: ['webpubsub.joinLeaveGroup'], subprotocol: 'mine' }
    expect(answer).toEqual({ accept: true, ...named, state: 'c3RhdGU=' })
  })

  it('reads names in any case', async () => {
    expect(await connectWith(ok([json], '{"UserId":"bob"}'))).toEqual({ accept: true, userId: 'bob' })
  })

  it.each([400, 401, 403, 404, 429, 451])('refuses with %i, and its body stays here', async (status) => {
    expect(await connectWith(respond(status, [json], '{"userId":"eve"}'))).toEqual({ accept: false, status })
  })

  it('refuses with the status of the last attempt', async () => {
    await using receiver = await startReceiver(() => respond(503, []))
    expect(await openHandler(receiver.port).connect(question())).toEqual({ accept: false, status: 503 })
    expect(receiver.posts).toHaveLength(4)
  })

  it.each([
    ['what is not JSON', ok([json], '{')],
    ['white space', ok([json], ' ')],
    ['a list', ok([json], '[]')],
    ['a text', ok([json], '"alice"')],
    ['a number as user id', ok([json], '{"userId":1}')],
    ['a null among groups', ok([json], '{"groups":["a",null]}')],
    ['a null among roles', ok([json], '{"roles":[null]}')],
    ['a role that is no list', ok([json], '{"roles":"webpubsub.sendToGroup"}')],
    ['no UTF-8', ok([json], Buffer.from('{"userId":"\xe9"}', 'latin1'))],
    ['a compressed body', ok([json, 'Content-Encoding: gzip'], Bun.gzipSync('{}'))],
    ['a redirect', respond(302, ['Location: http://127.0.0.1/'])],
    ['a status that is no answer', respond(304, [])],
  ])('is a fault if it is %s', async (_, answer) => {
    expect(await outcomeOf(connectWith(answer))).toMatch(/^Bad(Answer|Status)$/)
  })

  it('may be of 16 MiB and not of a byte more', async () => {
    const pad = (bytes: number) => `{"userId":"bob"${' '.repeat(bytes - 16)}}`
    expect(await connectWith(ok([json], pad(16 * 1_048_576)))).toEqual({ accept: true, userId: 'bob' })
    expect(await outcomeOf(connectWith(ok([json], pad(16 * 1_048_576 + 1))))).toBe('BadAnswer')
  })
})

describe('the answer to a user event', () => {
  it.each<[string, Buffer, EventAnswer]>([
    ['204', respond(204, []), {}],
    ['an empty body', ok(['Content-Type: application/octet-stream']), {}],
    ['an empty body of any type', ok(['Content-Type: image/png']), {}],
    ['text', ok(['Content-Type: text/plain'], 'grüße'), { reply: { dataType: 'text', data: 'grüße' } }],
    ['bytes', ok(['Content-Type: Application/Octet-Stream'], 'ab'), binary('ab')],
    ['bytes without a type', ok([], 'ab'), binary('ab')],
    ['another success', respond(201, ['Content-Type: text/plain'], 'a'), { reply: { dataType: 'text', data: 'a' } }],
    ['a state', ok(['CE-ConnectionState: YQ==']), { state: 'YQ==' }],
    ['an empty state', ok(['ce-connectionState:']), { state: '' }],
    ['a repeated state', ok(['ce-connectionState: YQ==', 'ce-connectionState: Yg==']), { state: 'Yg==' }],
  ])('may be %s', async (_, answer, expected) => {
    expect(await eventWith(answer)).toEqual(expected)
  })

  it('passes JSON on as it was written', async () => {
    const { reply } = await eventWith(ok([json], ' {"a" : 1.0}\n'))
    expect(reply).toMatchObject({ dataType: 'json', json: ' {"a" : 1.0}\n', data: { a: 1 } })
  })

  it('brings metadata, of which the last value of each key counts', async () => {
    const lines = ['X-WebPubSub-Metadata-Trace: 1', 'x-webpubsub-metadata-trace: 2', 'X-WebPubSub-Metadata-: no']
    expect(await eventWith(ok(['Content-Type: text/plain', ...lines], 'a'))).toEqual({
      reply: { dataType: 'text', data: 'a' },
      metadata: { trace: '2' },
    })
  })

  it.each([
    ['UTF-8', Buffer.from('grüße').toString('latin1')],
    ['Latin-1', 'grüße'],
  ])('reads metadata in %s', async (_, value) => {
    expect(await eventWith(ok([`x-webpubsub-metadata-a: ${value}`]))).toMatchObject({ metadata: { a: 'grüße' } })
  })

  it.each<[string, string[], EventAnswer['reply']]>([
    ['no type', [], { dataType: 'binary', data: new Uint8Array() }],
    ['text', ['Content-Type: text/plain'], { dataType: 'text', data: '' }],
    ['JSON', [json], { dataType: 'text', data: '' }],
    ['a type that no message has', ['Content-Type: image/png'], { dataType: 'text', data: '' }],
  ])('is a reply when metadata comes with an empty body of %s', async (_, lines, reply) => {
    const answer = await eventWith(ok([...lines, 'x-webpubsub-metadata-a: b']))
    expect(answer).toEqual({ ...(reply && { reply }), metadata: { a: 'b' } })
  })

  it.each([
    ['a type that no message has', ok(['Content-Type: text/html'], 'a')],
    ['what is not JSON', ok([json], '{"a":')],
    ['null', ok([json], ' null ')],
    ['no UTF-8', ok(['Content-Type: text/plain'], Buffer.from([0xff]))],
    ['compressed', ok(['Content-Type: text/plain', 'Content-Encoding: gzip'], Bun.gzipSync('a'.repeat(1e6)))],
    ['a value that is too long', ok([`x-webpubsub-metadata-a: ${'b'.repeat(1_025)}`])],
    ['a key that is too long', ok([`x-webpubsub-metadata-${'a'.repeat(257)}: b`])],
    ['too much metadata', ok(Array.from({ length: 9 }, (_, at) => `x-webpubsub-metadata-${at}: ${'b'.repeat(1_000)}`))],
    ['a refusal', respond(400, ['Content-Type: text/plain', 'ce-connectionState: YQ=='], 'no')],
    ['a redirect', respond(307, ['Location: /elsewhere'])],
    ['larger than a message', ok(['Content-Type: text/plain'], 'a'.repeat(1_048_577))],
  ])('is a fault if it is %s, and is not asked for again', async (_, answer) => {
    await using receiver = await startReceiver(() => answer)
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toMatch(/^Bad(Answer|Status)$/)
    expect(receiver.posts).toHaveLength(1)
  })

  it('may be as large as a message', async () => {
    const text = 'a'.repeat(1_048_576)
    expect(await eventWith(ok(['Content-Type: text/plain'], text))).toEqual({ reply: { dataType: 'text', data: text } })
  })
})

function binary(text: string): EventAnswer {
  return { reply: { dataType: 'binary', data: new Uint8Array(Buffer.from(text)) } }
}
