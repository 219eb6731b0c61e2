import { describe, expect, it } from 'bun:test'
import type { ConnectionContext, EventAnswer, Payload, UserEvent } from './index.ts'
import { clientFrame, openRaw, upgradeRequest } from './testing/raw-client.ts'
import { json, startService, until } from './testing/service.ts'

const event = (fields: object = {}) => ({ type: 'event', event: 'e', data: 1, ...fields })
const failure = (ackId: number) =>
  `{"type":"ack","ackId":${ackId},"success":false,"error":{"name":"InternalServerError","message":"Internal server error"}}`

/** A handler whose answers are given by the test, one by one. */
function slowHandler() {
  const asked: string[] = []
  const pending: ((answer: EventAnswer) => void)[] = []
  const handle = (_: ConnectionContext, { payload }: UserEvent) => {
    asked.push(String(payload.data))
    return new Promise<EventAnswer>((resolve) => {
      pending.push(resolve)
    })
  }
  return { asked, handle, answer: (answer: EventAnswer = {}) => pending.shift()?.(answer) }
}

describe('an event', () => {
  it('is handed to the handler as the client sent it, with who sent it', async () => {
    const calls: [ConnectionContext, UserEvent][] = []
    await using service = startService({
      handler: {
        event: async (...call) => {
          calls.push(call)
          return {}
        },
      },
    })
    const client = await service.join({ userId: 'alice' })
    client.send(event({ event: 'Say.it', data: { a: [1] }, ackId: 1 }))
    client.send(event({ dataType: 'text', data: '', ackId: 2 }))
    client.send(event({ dataType: 'binary', data: 'AQID', ackId: 3 }))
    for (const ackId of [1, 2, 3]) expect(await client.nextFrame()).toEqual({ type: 'ack', ackId, success: true })
    const { connectionId } = client
    expect(calls[0]).toEqual([
      { hub: 'chat', connectionId, userId: 'alice', subprotocol: json, state: undefined },
      { name: 'Say.it', payload: { dataType: 'json', data: { a: [1] }, json: '{"a":[1]}' } },
    ])
    expect(calls.slice(1).map(([, { payload }]) => payload)).toEqual([
      { dataType: 'text', data: '' },
      { dataType: 'binary', data: Buffer.from([1, 2, 3]) },
    ])
  })

  it('is replied to before it is acknowledged', async () => {
    const replies: Payload[] = [
      { dataType: 'json', data: { a: 1 } },
      { dataType: 'text', data: 'Hi there!' },
      { dataType: 'binary', data: new Uint8Array([5, 1, 1]) },
    ]
    await using service = startService({
      handler: {
        event: async (_, { payload }) => {
          const reply = replies[Number(payload.data)]
          return reply ? { reply } : {}
        },
      },
    })
    const client = await service.join()
    const expected = [
      '"dataType":"json","data":{"a":1}',
      '"dataType":"text","data":"Hi there!"',
      '"dataType":"binary","data":"BQEB"',
    ]
    for (const [data, content] of expected.entries()) {
      client.send(event({ data, ackId: data }))
      expect(await client.next()).toBe(`{"type":"message","from":"server",${content}}`)
      expect(await client.next()).toBe(`{"type":"ack","ackId":${data},"success":true}`)
    }
  })

  it('sends nothing for an empty reply', async () => {
    await using service = startService({ handler: { event: async () => ({ reply: { dataType: 'text', data: '' } }) } })
    const client = await service.join()
    client.send(event({ ackId: 1 }))
    expect(await client.nextFrame()).toMatchObject({ type: 'ack', success: true })
  })

  it('waits until the one before it was handled, and so does every other frame but a ping', async () => {
    const { asked, handle, answer } = slowHandler()
    await using service = startService({ handler: { event: handle } })
    const client = await service.join({ groups: ['g'], roles: ['webpubsub.sendToGroup'] })
    client.send(event({ data: 'first', ackId: 1 }))
    client.send({ type: 'sendToGroup', group: 'g', data: 1, ackId: 2 })
    client.send(event({ data: 'second', ackId: 3 }))
    await client.expectSilence()
    expect(asked).toEqual(['first'])
    answer()
    expect(await client.nextFrame()).toMatchObject({ ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ type: 'message' })
    expect(await client.nextFrame()).toMatchObject({ ackId: 2 })
    expect(asked).toEqual(['first', 'second'])
    answer()
    expect(await client.nextFrame()).toMatchObject({ ackId: 3 })
  })

  it('does not hold up other connections', async () => {
    const { handle, answer } = slowHandler()
    await using service = startService({ handler: { event: handle } })
    const [waiting, other] = [
      await service.join(),
      await service.join({ groups: ['g'], roles: ['webpubsub.sendToGroup'] }),
    ]
    waiting.send(event({ ackId: 1 }))
    await waiting.expectSilence()
    other.send({ type: 'sendToGroup', group: 'g', data: 1, ackId: 1 })
    expect(await other.nextFrame()).toMatchObject({ type: 'message' })
    answer()
    expect(await waiting.nextFrame()).toMatchObject({ ackId: 1, success: true })
  })

  it('fails with its ack when the handler does, and the connection lives', async () => {
    let isBroken = true
    await using service = startService({
      handler: { event: () => (isBroken ? Promise.reject(new Error('disk full')) : Promise.resolve({})) },
    })
    const client = await service.join({ userId: 'alice' })
    client.send(event({ data: 'secret text', ackId: 1 }))
    expect(await client.next()).toBe(failure(1))
    client.send(event())
    await client.expectSilence()
    isBroken = false
    client.send(event({ ackId: 1 }))
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: true })
    expect(service.log).toMatchObject([{ event: 'handlerFailed', name: 'e', connectionId: client.connectionId }, {}])
    expect(JSON.stringify(service.log)).toContain('disk full')
    expect(JSON.stringify(service.log)).not.toContain('secret text')
  })

  it('fails when the handler throws at once, or answers what JSON cannot hold', async () => {
    const answers: (() => Promise<EventAnswer>)[] = [
      () => {
        throw new Error('at once')
      },
      async () => ({ reply: { dataType: 'json', data: null } }),
      async () => ({ reply: { dataType: 'json', data: undefined } }),
      async () => ({ reply: { dataType: 'json', data: 1n } }),
    ]
    await using service = startService({
      handler: { event: (_, { payload }) => answers[Number(payload.data)]?.() ?? Promise.resolve({}) },
    })
    const client = await service.join()
    for (const data of answers.keys()) {
      client.send(event({ data, ackId: 1 }))
      expect(await client.next()).toBe(failure(1))
    }
    expect(service.log).toHaveLength(answers.length)
  })

  it('fails where no handler is', async () => {
    await using bare = startService()
    const lonely = await bare.join()
    lonely.send(event({ ackId: 1 }))
    expect(await lonely.next()).toBe(failure(1))
  })

  it('brings back the state of the last answer that set one', async () => {
    const states: (string | undefined)[] = []
    const answers: EventAnswer[] = [{}, { state: 'two' }, {}, { state: '' }, {}]
    await using service = startService({
      handler: {
        connect: async () => ({ accept: true, state: 'one' }),
        connected: async ({ state }) => void states.push(state),
        event: async ({ state }, { payload }) => {
          states.push(state)
          return answers[Number(payload.data)] ?? {}
        },
        disconnected: async ({ state }) => void states.push(state),
      },
    })
    const client = await service.join()
    for (const data of answers.keys()) client.send(event({ data }))
    client.socket.close()
    await until(() => states.length === 7)
    expect(states).toEqual(['one', 'one', 'one', 'two', 'two', undefined, undefined])
  })
})

describe('the life of a connection', () => {
  it('is told in order: connect, connected, events, disconnected once, with the reason', async () => {
    const told: string[] = []
    await using service = startService({
      handler: {
        connect: async () => {
          told.push('connect')
          return { accept: true }
        },
        connected: async () => void told.push('connected'),
        event: async () => {
          told.push('event')
          return {}
        },
        disconnected: async (_, reason) => void told.push(`disconnected: ${reason}`),
      },
    })
    const client = await service.join()
    client.send(event())
    client.socket.close(1000, 'I am done')
    await until(() => told.length === 4)
    expect(told).toEqual(['connect', 'connected', 'event', 'disconnected: I am done'])
  })

  it.each([
    ['events', ['connected', 'event 1', 'event 2', 'disconnected']],
    ['connected', ['event 1', 'event 2', 'connected', 'disconnected']],
  ])('tells disconnected only after all else was handled, %s being the last', async (last, expected) => {
    const told: string[] = []
    const { handle, answer } = slowHandler()
    const greeting = Promise.withResolvers<void>()
    await using service = startService({
      handler: {
        connected: () => greeting.promise.finally(() => told.push('connected')),
        event: async (context, event) => {
          const given = await handle(context, event)
          told.push(`event ${String(event.payload.data)}`)
          return given
        },
        disconnected: async () => void told.push('disconnected'),
      },
    })
    const client = await service.join({ userId: 'alice' })
    client.send(event({ data: 1 }))
    client.send(event({ data: 2 }))
    client.socket.close()
    await until(async () => !(await service.hub.userExists('alice')))
    expect(told).toEqual([])
    if (last === 'events') greeting.resolve()
    await until(() => told.length === expected.indexOf('event 1'))
    answer()
    await until(() => told.includes('event 1'))
    answer()
    await until(() => told.includes('event 2'))
    greeting.resolve()
    await until(() => told.length === 4)
    expect(told).toEqual(expected)
  })

  it('leaves no member behind when a join waited while the client went away', async () => {
    const { handle, answer } = slowHandler()
    const ended = Promise.withResolvers<void>()
    await using service = startService({ handler: { event: handle, disconnected: async () => ended.resolve() } })
    const client = await service.join({ userId: 'alice', roles: ['webpubsub.joinLeaveGroup'] })
    client.send(event())
    client.send({ type: 'joinGroup', group: 'late' })
    client.socket.close()
    await until(async () => !(await service.hub.userExists('alice')))
    answer()
    await ended.promise
    expect(await service.hub.groupExists('late')).toBe(false)
  })

  it('survives handlers of connected and disconnected that fail', async () => {
    await using service = startService({
      handler: {
        connected: () => Promise.reject(new Error('one')),
        disconnected: () => Promise.reject(new Error('two')),
      },
    })
    const client = await service.join()
    client.socket.close()
    await until(() => service.log.length === 2)
    expect(service.log).toMatchObject([{ name: 'connected' }, { name: 'disconnected' }])
  })

  it('ends when the TCP connection is reset', async () => {
    const reasons: string[] = []
    await using service = startService({ handler: { disconnected: async (_, reason) => void reasons.push(reason) } })
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice' })
    const raw = openRaw(service.port, upgradeRequest(`/client/hubs/chat?access_token=${token}`))
    await raw.until('101')
    await until(() => service.hub.userExists('alice'))
    raw.socket.resetAndDestroy()
    await until(() => reasons.length === 1)
    expect(await service.hub.userExists('alice')).toBe(false)
  })

  it('does nothing more for a client that sends behind its close frame', async () => {
    await using service = startService({ handler: {} })
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice', roles: ['webpubsub.joinLeaveGroup'] })
    const headers = { 'Sec-WebSocket-Protocol': json }
    const raw = openRaw(service.port, upgradeRequest(`/client/hubs/chat?access_token=${token}`, headers))
    await raw.until('connectionId')
    raw.socket.write(Buffer.concat([clientFrame(8, ''), clientFrame(1, '{"type":"joinGroup","group":"late"}')]))
    await raw.ended
    expect([await service.hub.userExists('alice'), await service.hub.groupExists('late')]).toEqual([false, false])
  })
})
