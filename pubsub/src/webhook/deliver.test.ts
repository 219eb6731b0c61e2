import { describe, expect, it } from 'bun:test'
import type { Socket } from 'node:net'
import { until } from '../testing/service.ts'
import type { WebhookCall } from './deliver.ts'
import {
  context,
  headerOf,
  ok,
  openHandler,
  outcomeOf,
  question,
  respond,
  startReceiver,
  textEvent,
} from './testing.ts'

const text = (body: string) => ok(['Content-Type: text/plain'], body)
const hangUp = (socket: Socket) => socket.destroy()
/** So that each attempt has a connection of its own: one that breaks when used again is replaced without a word. */
const allowAndClose = () => ok(['WebHook-Allowed-Origin: *', 'Connection: close'])

describe('a webhook that fails', () => {
  it.each([
    ['408', respond(408, [])],
    ['500', respond(500, [])],
    ['503', respond(503, [])],
    ['a broken connection', hangUp],
    ['what is no HTTP', (socket: Socket) => socket.end('hello\r\n\r\n')],
  ])('is called again after %s, with the same ids', async (_, failure) => {
    await using receiver = await startReceiver((_, at) => (at < 4 ? failure : text('at last')), allowAndClose)
    const answer = await openHandler(receiver.port).event(context(), textEvent())
    expect(answer).toEqual({ reply: { dataType: 'text', data: 'at last' } })
    expect(receiver.posts).toHaveLength(4)
    expect(new Set(receiver.posts.map((request) => request.replace(/Host: .*/, ''))).size).toBe(1)
  })

  it('is given up after the fourth attempt', async () => {
    await using receiver = await startReceiver(() => hangUp, allowAndClose)
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('NetworkError')
    expect(receiver.posts).toHaveLength(4)
  })

  it.each([400, 404, 409, 429])('is not called again after %i', async (status) => {
    await using receiver = await startReceiver(() => respond(status, []))
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('BadStatus')
    expect(receiver.posts).toHaveLength(1)
  })

  it('is not waited for longer than its time, all attempts together', async () => {
    await using receiver = await startReceiver((_, at) => (at === 1 ? respond(500, []) : () => {}))
    expect(await outcomeOf(openHandler(receiver.port, { timeoutMs: 60 }).event(context(), textEvent()))).toBe('Timeout')
    expect(receiver.posts).toHaveLength(2)
  })

  it('gets no pause that would outlast its time', async () => {
    await using receiver = await startReceiver(() => respond(500, []))
    const handler = openHandler(receiver.port, { timeoutMs: 1_000, retryDelaysMs: [60_000] })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe('BadStatus')
    expect(receiver.posts).toHaveLength(1)
  })

  it('is found again although nobody listened at first', async () => {
    const gone = await startReceiver()
    await gone[Symbol.asyncDispose]()
    expect(await outcomeOf(openHandler(gone.port).connect(question()))).toBe('Unreachable')
  })

  it('does not hold up the calls of another address', async () => {
    await using stuck = await startReceiver(() => () => {})
    await using receiver = await startReceiver(() => text('here'))
    const urlOf = (port: number) => `http://127.0.0.1:${port}/`
    const handler = openHandler(0, {
      connectionsMax: 2,
      timeoutMs: 300,
      handlers: [
        { urlTemplate: urlOf(stuck.port), userEventPattern: 'slow' },
        { urlTemplate: urlOf(receiver.port), userEventPattern: '*' },
      ],
    })
    const slow = Array.from({ length: 10 }, () => handler.event(context(), { ...textEvent(), name: 'slow' }))
    const ends = Promise.allSettled(slow)
    await until(() => stuck.posts.length === 2)
    expect(await handler.event(context(), textEvent())).toEqual({ reply: { dataType: 'text', data: 'here' } })
    expect(stuck.posts).toHaveLength(2)
    expect((await ends).every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('the calls of a webhook', () => {
  it('share one connection as long as they are one after the other', async () => {
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port)
    for (let at = 0; at < 20; at++) await handler.event(context(), textEvent())
    expect(receiver.opened()).toBe(1)
  })

  it('survive that the server closes idle connections, without another attempt', async () => {
    await using receiver = await startReceiver()
    const calls: WebhookCall[] = []
    const handler = openHandler(receiver.port, { retryDelaysMs: [], onCall: (call) => calls.push(call) })
    for (let at = 0; at < 20; at++) {
      await handler.event(context(), textEvent())
      receiver.dropSockets()
    }
    expect(calls.map(({ status, attempt }) => [status, attempt])).toEqual(Array.from({ length: 20 }, () => [200, 1]))
  })

  it('go to the first handler that takes the event, and to no other', async () => {
    await using receiver = await startReceiver()
    const urlOf = (path: string) => `http://127.0.0.1:${receiver.port}/${path}`
    const handler = openHandler(0, {
      handlers: [
        { urlTemplate: urlOf('one'), userEventPattern: 'a, B' },
        { urlTemplate: urlOf('two'), userEventPattern: '*', systemEvents: ['connected'] },
        { urlTemplate: urlOf('three'), userEventPattern: 'a', systemEvents: ['connected', 'disconnected'] },
      ],
    })
    for (const name of ['A', 'b', 'c']) await handler.event(context(), { ...textEvent(), name })
    await handler.connect(question())
    await handler.connected(context())
    await handler.disconnected(context(), 'bye')
    const paths = receiver.posts.map((request) => request.split(' ')[1])
    expect(paths).toEqual(['/one', '/one', '/two', '/two', '/three'])
  })

  it('are refused by name when no handler takes a user event', async () => {
    const handler = openHandler(0, { handlers: [] })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe('EventHandlerNotFound')
    expect(await handler.connect(question())).toMatchObject({ accept: true, memo: {} })
    await handler.connected(context())
  })

  it('are told one by one, without the query of the address', async () => {
    await using receiver = await startReceiver((_, at) => (at === 1 ? hangUp : text('a')), allowAndClose)
    const calls: WebhookCall[] = []
    const url = `http://127.0.0.1:${receiver.port}/hook?code=secret`
    await openHandler(0, { url, clock: () => 7, onCall: (call) => calls.push(call) }).event(context(), textEvent())
    const shown = { hub: 'chat', event: 'message', connectionId: context().connectionId, at: 7 }
    const place = { url: `http://127.0.0.1:${receiver.port}/hook`, ms: expect.any(Number) as number }
    expect(calls).toEqual([
      { ...shown, ...place, error: expect.stringContaining('NetworkError') as string, attempt: 1 },
      { ...shown, ...place, status: 200, attempt: 2 },
    ])
  })

  it('keep the order of notifications, however long the first one takes', async () => {
    await using receiver = await startReceiver((_, at) => (at < 3 ? respond(500, []) : ok()))
    const handler = openHandler(receiver.port)
    const answer = await openHandler(0, { handlers: [] }).connect(question())
    const joined = context({ memo: answer.accept ? answer.memo : undefined })
    await Promise.all([handler.connected(joined), handler.disconnected(joined, 'bye')])
    const names = receiver.posts.map((request) => headerOf(request, 'ce-eventName'))
    expect(names).toEqual(['connected', 'connected', 'connected', 'disconnected'])
  })

  it('end before close does, and are not tried again once nobody wants that', async () => {
    let refuse = () => {}
    await using receiver = await startReceiver(() => (socket) => {
      refuse = () => socket.write(respond(500, []))
    })
    const handler = openHandler(receiver.port)
    const ended: string[] = []
    const failed = outcomeOf(handler.event(context(), textEvent()))
    await until(() => receiver.posts.length === 1)
    handler.stopRetrying()
    const closed = handler.close().then(() => ended.push('closed'))
    ended.push('answered')
    refuse()
    await closed
    expect(ended).toEqual(['answered', 'closed'])
    expect(await failed).toBe('BadStatus')
    expect(receiver.posts).toHaveLength(1)
  })

  it('are tried again while close waits for them', async () => {
    await using receiver = await startReceiver((_, at) => (at === 1 ? respond(500, []) : text('at last')))
    const handler = openHandler(receiver.port, { retryDelaysMs: [20] })
    const answer = handler.event(context(), textEvent())
    await until(() => receiver.posts.length === 1)
    await handler.close()
    expect(await answer).toEqual({ reply: { dataType: 'text', data: 'at last' } })
  })

  it('end at once while they pause, if nobody wants another attempt', async () => {
    await using receiver = await startReceiver(() => respond(500, []))
    const handler = openHandler(receiver.port, { retryDelaysMs: [60_000] })
    const failed = handler.event(context(), textEvent()).catch((error: Error) => error.name)
    await until(() => receiver.posts.length === 1)
    handler.stopRetrying()
    await handler.close()
    expect(await failed).toBe('BadStatus')
  })
})
