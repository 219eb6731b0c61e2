import { WebPubSubEventHandler, type WebPubSubEventHandlerOptions } from '@azure/web-pubsub-express'
import { describe, expect, it } from 'bun:test'
import express from 'express'
import { createServer } from 'node:http'
import { reliableJson, startService, until } from '../testing/service.ts'
import type { WebhookCall } from './deliver.ts'
import { listen, openHandler, outcomeOf } from './testing.ts'
import type { WebhookOptions } from './webhook-handler.ts'

/** A service and an app behind it, which is Microsoft's middleware as it is published. */
async function startApp(callbacks: WebPubSubEventHandlerOptions, options: Partial<WebhookOptions> = {}) {
  const routes = express()
  routes.use(new WebPubSubEventHandler('chat', callbacks).getMiddleware())
  const app = createServer(routes)
  const appPort = await listen(app)
  const calls: WebhookCall[] = []
  const url = `http://localhost:${appPort}/api/webpubsub/hubs/{hub}/`
  const handler = openHandler(appPort, { url, onCall: (call) => calls.push(call), ...options })
  const service = startService({ handler })
  return {
    service,
    calls,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await handler.close()
      app.closeAllConnections()
      await new Promise((resolve) => app.close(resolve))
    },
  }
}

describe('an app made with @azure/web-pubsub-express', () => {
  it('hears of a connection from its beginning to its end', async () => {
    const heard: object[] = []
    await using app = await startApp({
      handleConnect(request, response) {
        const { claims, queries, subprotocols, context } = request
        heard.push({ is: 'connect', sub: claims?.['sub'], room: queries?.['room'], subprotocols, hub: context.hub })
        response.setState('visits', 1)
        response.success({ userId: 'bob', groups: ['lobby'], roles: ['webpubsub.sendToGroup.lobby'] })
      },
      onConnected: ({ context }) =>
        heard.push({ is: 'connected', userId: context.userId, states: { ...context.states } }),
      handleUserEvent({ context, data, dataType }, response) {
        heard.push({ is: context.eventName, data, dataType, states: { ...context.states } })
        response.setState('visits', 2)
        response.success()
      },
      onDisconnected: ({ context, reason }) =>
        heard.push({ is: 'disconnected', reason, states: { ...context.states } }),
    })
    const client = await app.service.join({ userId: 'alice', protocols: [reliableJson] })
    await until(() => heard.length === 2)
    client.send({ type: 'sendToGroup', group: 'lobby', dataType: 'text', data: 'all', ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ type: 'message', group: 'lobby', fromUserId: 'bob', data: 'all' })
    expect(await client.nextFrame()).toMatchObject({ type: 'ack', ackId: 1, success: true })
    client.send({ type: 'event', event: 'say', dataType: 'json', data: { a: [1] }, ackId: 2 })
    expect(await client.nextFrame()).toMatchObject({ type: 'ack', ackId: 2, success: true })
    client.socket.close(1000, 'enough')
    await until(() => app.calls.length === 4)
    expect(heard).toEqual([
      { is: 'connect', sub: ['alice'], room: undefined, subprotocols: [reliableJson], hub: 'chat' },
      { is: 'connected', userId: 'bob', states: { visits: 1 } },
      { is: 'say', data: { a: [1] }, dataType: 'json', states: { visits: 1 } },
      { is: 'disconnected', reason: 'enough', states: { visits: 2 } },
    ])
    expect(app.calls.map(({ event, status }) => [event, status])).toEqual([
      ['connect', 200],
      ['connected', 200],
      ['say', 200],
      ['disconnected', 200],
    ])
  })

  it('answers user events of every kind with the same', async () => {
    await using app = await startApp({
      handleUserEvent({ data, dataType }, response) {
        const reply = dataType === 'json' ? JSON.stringify(data) : data
        response.success(reply, dataType)
      },
    })
    const client = await app.service.join()
    const sent = [
      { dataType: 'text', data: 'grüße' },
      { dataType: 'json', data: { a: 'ü' } },
      { dataType: 'binary', data: 'AP8=' },
    ]
    for (const [ackId, payload] of sent.entries()) {
      client.send({ type: 'event', event: 'echo', ackId, ...payload })
      expect(await client.nextFrame()).toEqual({ type: 'message', from: 'server', ...payload })
      expect(await client.nextFrame()).toEqual({ type: 'ack', ackId, success: true })
    }
  })

  it('takes messages of a simple client and answers them', async () => {
    await using app = await startApp({
      handleUserEvent: ({ data, context }, response) =>
        response.success(`${context.eventName}: ${String(data)}`, 'text'),
    })
    const client = await app.service.join({ protocols: [] })
    client.send('hello')
    expect(await client.next()).toBe('message: hello')
  })

  it('refuses a connection with its own status', async () => {
    await using app = await startApp({ handleConnect: (_, response) => response.fail(401, 'who are you?') })
    const { token } = await app.service.hub.getClientAccessToken({ userId: 'alice' })
    const url = `http://127.0.0.1:${app.service.port}/client/hubs/chat?access_token=${token}`
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
    const answer = await fetch(url, { headers: { ...upgrade, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' } })
    expect([answer.status, await answer.text()]).toEqual([401, ''])
    expect(app.calls).toMatchObject([{ event: 'connect', status: 401, attempt: 1 }])
  })

  it('fails an event, and the connection stays', async () => {
    await using app = await startApp({
      handleUserEvent: ({ data }, response) => (data === 'bad' ? response.fail(400, 'no') : response.success()),
    })
    const client = await app.service.join()
    client.send({ type: 'event', event: 'say', dataType: 'text', data: 'bad', ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: false, error: { name: 'InternalServerError' } })
    client.send({ type: 'event', event: 'say', dataType: 'text', data: 'good', ackId: 1 })
    expect(await client.nextFrame()).toEqual({ type: 'ack', ackId: 1, success: true })
  })

  it('is left alone when it wants to hear from others only', async () => {
    await using app = await startApp({ allowedEndpoints: ['https://other.example'], handleUserEvent: () => {} })
    expect(await outcomeOf(app.service.join())).toBe('Error')
    expect(app.calls).toMatchObject([{ event: 'connect', error: expect.stringContaining('Refused') as string }])
  })

  it('may name us with a port', async () => {
    await using app = await startApp({ allowedEndpoints: ['http://contoso.example:8080'] })
    const client = await app.service.join()
    expect(client.connectionId).toBeString()
  })

  it('is nobody to those whose events no handler takes', async () => {
    await using app = await startApp({}, { handlers: [] })
    const client = await app.service.join()
    client.send({ type: 'event', event: 'say', dataType: 'text', data: 'a', ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: false, error: { name: 'InternalServerError' } })
    expect(app.service.log).toEqual([])
  })
})
