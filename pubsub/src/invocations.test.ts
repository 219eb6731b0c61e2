import { describe, expect, it } from 'bun:test'
import { WebPubSubClient, WebPubSubJsonProtocol } from '@azure/web-pubsub-client'
import type { EventAnswer } from './index.ts'
import { startService, until } from './testing/service.ts'

const invoke = (fields: object = {}) => ({
  type: 'invoke',
  invocationId: '1',
  target: 'event',
  event: 'lookup',
  dataType: 'text',
  data: 'key',
  ...fields,
})
const answering = (answer: EventAnswer) => startService({ handler: { event: async () => answer } })

describe('an invocation', () => {
  it('is answered by the backend, in each kind of data, and by nothing else', async () => {
    const expected: [EventAnswer, string][] = [
      [{ reply: { dataType: 'text', data: 'answer' } }, ',"dataType":"text","data":"answer"'],
      [{ reply: { dataType: 'json', data: { a: 1 } } }, ',"dataType":"json","data":{"a":1}'],
      [{ reply: { dataType: 'binary', data: new Uint8Array([1, 2, 3]) } }, ',"dataType":"binary","data":"AQID"'],
      [{}, ''],
    ]
    for (const [answer, data] of expected) {
      await using service = answering(answer)
      const client = await service.join()
      client.send(invoke())
      expect(await client.next()).toBe(`{"type":"invokeResponse","invocationId":"1","success":true${data}}`)
      await client.expectSilence()
    }
  })

  it('may come without data', async () => {
    const asked: unknown[] = []
    await using service = startService({
      handler: {
        event: async (_context, { name, payload }) => {
          asked.push([name, payload])
          return {}
        },
      },
    })
    const client = await service.join()
    client.send({ type: 'invoke', invocationId: '1', target: 'event', event: 'lookup' })
    expect(await client.nextFrame()).toMatchObject({ success: true })
    expect(asked).toEqual([['lookup', { dataType: 'text', data: '' }]])
  })

  it('fails where no handler is, and where it fails', async () => {
    const failure =
      '{"type":"invokeResponse","invocationId":"1","success":false,"error":{"name":"InternalServerError","message":"Internal server error"}}'
    await using bare = startService()
    const lonely = await bare.join()
    lonely.send(invoke())
    expect(await lonely.next()).toBe(failure)
    await using broken = startService({ handler: { event: () => Promise.reject(new Error('down')) } })
    const client = await broken.join()
    client.send(invoke())
    expect(await client.next()).toBe(failure)
  })

  it('holds up nothing, and its answer is dropped once it is cancelled', async () => {
    const open: (() => void)[] = []
    await using service = startService({
      handler: {
        event: (_context, { name }) =>
          name === 'slow'
            ? new Promise((resolve) => open.push(() => resolve({ reply: { dataType: 'text', data: 'late' } })))
            : Promise.resolve({}),
      },
    })
    const client = await service.join()
    client.send(invoke({ event: 'slow' }))
    client.send(invoke({ event: 'slow', invocationId: '2' }))
    client.send({ type: 'event', event: 'fast', data: 1, ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ type: 'ack', ackId: 1, success: true })
    client.send({ type: 'cancelInvocation', invocationId: '1' })
    client.send({ type: 'cancelInvocation', invocationId: 'unknown' })
    await client.expectSilence()
    for (const answer of open) answer()
    expect(await client.nextFrame()).toMatchObject({ invocationId: '2', data: 'late' })
    await client.expectSilence()
  })

  it('needs an id of its own, and has a limit', async () => {
    await using service = startService({
      limits: { invocationsPerConnectionMax: 2, farewellMs: 1 },
      handler: { event: () => new Promise(() => {}) },
    })
    const client = await service.join()
    for (const invocationId of ['1', '1', '2', '3']) client.send(invoke({ invocationId }))
    expect(await client.nextFrame()).toMatchObject({ invocationId: '1', error: { name: 'BadRequest' } })
    expect(await client.nextFrame()).toMatchObject({ invocationId: '3', error: { name: 'BadRequest' } })
  })

  it('has a limit on the bytes of all that are open', async () => {
    await using service = startService({
      limits: { inboundMaxBytes: 1_000, farewellMs: 1 },
      handler: { event: () => new Promise(() => {}) },
    })
    const client = await service.join()
    for (const invocationId of ['1', '2']) client.send(invoke({ invocationId, data: 'x'.repeat(600) }))
    expect(await client.nextFrame()).toMatchObject({ invocationId: '2', error: { name: 'BadRequest' } })
  })

  it('comes to its end before the backend hears that the connection did', async () => {
    const calls: string[] = []
    let answer = () => {}
    await using service = startService({
      handler: {
        event: async () => {
          await new Promise<void>((resolve) => (answer = resolve))
          calls.push('answered')
          return {}
        },
        disconnected: async () => void calls.push('disconnected'),
      },
    })
    const client = await service.join()
    client.send(invoke())
    await client.expectSilence()
    client.socket.close()
    await until(() => service.pubsub.connectionCount === 0)
    answer()
    await until(() => calls.length === 2)
    expect(calls).toEqual(['answered', 'disconnected'])
  })

  it('is what the official client invokes, and aborts', async () => {
    await using service = startService({
      limits: { farewellMs: 1 },
      handler: {
        event: async (_context, { name, payload }) => {
          if (name === 'never') await new Promise(() => {})
          return { reply: { dataType: 'json', data: { name, heard: payload.data } } }
        },
      },
    })
    const { url } = await service.hub.getClientAccessToken()
    const here = url.replace('localhost:8080', `127.0.0.1:${service.port}`)
    const client = new WebPubSubClient(here, { protocol: WebPubSubJsonProtocol(), autoReconnect: false })
    await client.start()
    expect(await client.invokeEvent('lookup', { k: 1 }, 'json')).toMatchObject({
      data: { name: 'lookup', heard: { k: 1 } },
    })
    const abort = new AbortController()
    const aborted = client.invokeEvent('never', '', 'text', { abortSignal: abort.signal })
    abort.abort()
    expect(await aborted.catch((error: Error) => error.name)).toBeString()
    const [connection] = service.pubsub.inside.engine.hubs.get('chat')?.connections.values() ?? []
    await until(() => [...(connection?.invocations?.values() ?? [])].every(({ isCancelled }) => isCancelled))
    client.stop()
  })
})
