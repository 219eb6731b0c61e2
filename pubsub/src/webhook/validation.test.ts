import { describe, expect, it } from 'bun:test'
import { until } from '../testing/service.ts'
import { context, ok, openHandler, outcomeOf, respond, startReceiver, textEvent } from './testing.ts'

const allow = (...values: string[]) => ok(values.map((value) => `WebHook-Allowed-Origin: ${value}`))
const hourMs = 3_600_000

describe('the permission to call a handler', () => {
  it.each([
    ['*', allow('*')],
    ['our host', allow('contoso.example')],
    ['our host in capitals', allow('CONTOSO.Example')],
    ['our host with a port', allow('contoso.example:8080')],
    ['a list', allow('other.example , contoso.example')],
    ['repeated headers', allow('other.example', 'contoso.example')],
    ['204', respond(204, ['webhook-allowed-origin: *'])],
  ])('is given by %s', async (_, answer) => {
    await using receiver = await startReceiver(undefined, () => answer)
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('sent')
  })

  it.each([
    ['another host', allow('other.example')],
    ['a part of our host', allow('example')],
    ['a longer host', allow('contoso.example.org')],
    ['no header', ok()],
    ['an empty one', allow('')],
    ['a refusal', respond(403, ['WebHook-Allowed-Origin: *'])],
    ['a redirect', respond(302, ['WebHook-Allowed-Origin: *', 'Location: /'])],
  ])('is not given by %s, and then nothing is sent', async (_, answer) => {
    await using receiver = await startReceiver(undefined, () => answer)
    const log: object[] = []
    const handler = openHandler(receiver.port, { log: (entry) => log.push(entry) })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe('Refused')
    expect(receiver.requests).toHaveLength(1)
    expect(log).toMatchObject([{ event: 'webhookNotValid', url: `http://127.0.0.1:${receiver.port}/hook` }])
  })

  it('is asked for by GET where OPTIONS is not found', async () => {
    const answer = (request: string) => (request.startsWith('GET') ? allow('*') : respond(404, []))
    await using receiver = await startReceiver(undefined, answer)
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('sent')
    expect(receiver.requests.map((request) => request.split(' ')[0])).toEqual(['OPTIONS', 'GET', 'POST'])
  })

  it('is not given when both are not found', async () => {
    await using receiver = await startReceiver(undefined, () => respond(404, []))
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('Refused')
    expect(receiver.requests).toHaveLength(2)
  })

  it('is asked for once by all who wait for it', async () => {
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port)
    await Promise.all(Array.from({ length: 20 }, () => handler.event(context(), textEvent())))
    expect(receiver.requests.length - receiver.posts.length).toBe(1)
    expect(receiver.posts).toHaveLength(20)
  })

  it('holds for an hour and is renewed while calls go on', async () => {
    let now = 0
    await using receiver = await startReceiver()
    const handler = openHandler(receiver.port, { clock: () => now })
    const kinds = () => receiver.requests.map((request) => request.split(' ')[0]).join(' ')
    await handler.event(context(), textEvent())
    now = hourMs - 1
    await handler.event(context(), textEvent())
    expect(kinds()).toBe('OPTIONS POST POST')
    now = hourMs
    await handler.event(context(), textEvent())
    await until(() => receiver.requests.length === 5)
    expect(kinds().split(' ').toSorted()).toEqual(['OPTIONS', 'OPTIONS', 'POST', 'POST', 'POST'])
  })

  it('is lost when the handler takes it back, not when it cannot be asked', async () => {
    let [now, answer] = [0, allow('*')]
    const log: object[] = []
    await using receiver = await startReceiver(undefined, () => answer)
    const handler = openHandler(receiver.port, { clock: () => now, log: (entry) => log.push(entry) })
    const send = () => outcomeOf(handler.event(context(), textEvent()))
    expect(await send()).toBe('sent')
    answer = respond(500, [])
    now = hourMs
    expect(await send()).toBe('sent')
    await until(() => log.length === 1)
    answer = allow('other.example')
    now += 1_000
    expect(await send()).toBe('sent')
    await until(() => log.length === 2)
    expect(await send()).toBe('Refused')
  })

  it('is asked for again after a pause that doubles up to a minute', async () => {
    let now = 0
    await using receiver = await startReceiver(undefined, () => allow('other.example'))
    const handler = openHandler(receiver.port, { clock: () => now })
    const asked: number[] = []
    for (; now < 300_000; now += 250) {
      const before = receiver.requests.length
      await outcomeOf(handler.event(context(), textEvent()))
      if (receiver.requests.length > before) asked.push(now)
    }
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('is asked for again by the next attempt of the same call', async () => {
    let [now, asked] = [0, 0]
    const clock = () => (now += 1_000)
    await using receiver = await startReceiver(undefined, () => (++asked === 1 ? respond(503, []) : allow('*')))
    expect(await outcomeOf(openHandler(receiver.port, { clock }).event(context(), textEvent()))).toBe('sent')
    expect(asked).toBe(2)
  })

  it('is not waited for longer than its own time', async () => {
    await using receiver = await startReceiver(undefined, () => () => {})
    const handler = openHandler(receiver.port, { validationTimeoutMs: 20, retryDelaysMs: [] })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe('Unreachable')
  })
})
