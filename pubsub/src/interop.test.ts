import { describe, expect, it } from 'bun:test'
import { WebPubSubClient, WebPubSubJsonProtocol } from '@azure/web-pubsub-client'
import type { WebPubSubServiceClient } from '@azure/web-pubsub'
import type { HubService } from './index.ts'
import { startService, until } from './testing/service.ts'

/** Methods of the official client that we have must take what callers give them, and answer the same. */
type Shared = Exclude<keyof HubService, 'hubName' | 'group'>
const conforms = (service: HubService): Pick<HubService, Shared> & Pick<WebPubSubServiceClient, Shared> => service

describe('the official client', () => {
  it('connects, joins, publishes, raises events and hears replies', async () => {
    await using service = startService({
      handler: {
        event: async ({ userId }, { name, payload }) => ({
          reply: { dataType: 'json', data: { userId, name, heard: payload.data } },
        }),
      },
    })
    const { url } = await conforms(service.hub).getClientAccessToken({
      userId: 'alice',
      roles: ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup'],
    })
    const here = url.replace('localhost:8080', `127.0.0.1:${service.port}`)
    const client = new WebPubSubClient(here, { protocol: WebPubSubJsonProtocol(), autoReconnect: false })
    const heard: unknown[] = []
    let connected: unknown
    let disconnected: unknown
    client.on('connected', ({ userId }) => (connected = userId))
    client.on('disconnected', (event) => (disconnected = event.message?.message))
    client.on('group-message', ({ message }) => heard.push([message.group, message.fromUserId, message.data]))
    client.on('server-message', ({ message }) => heard.push(message.data))
    await client.start()
    await client.joinGroup('lobby')
    expect(await client.sendToGroup('lobby', { text: 'hi' }, 'json')).toMatchObject({ isDuplicated: false })
    expect(await client.sendToGroup('lobby', 'hi', 'text', { ackId: 9 })).toMatchObject({ ackId: 9 })
    expect(await client.sendToGroup('lobby', 'hi', 'text', { ackId: 9 })).toMatchObject({ isDuplicated: true })
    await client.sendEvent('greet', 'you', 'text')
    await service.hub.group('lobby').sendToAll('from the server', { contentType: 'text/plain' })
    await until(() => heard.length === 4)
    expect(connected).toBe('alice')
    expect(heard).toEqual([
      ['lobby', 'alice', { text: 'hi' }],
      ['lobby', 'alice', 'hi'],
      { userId: 'alice', name: 'greet', heard: 'you' },
      ['lobby', undefined, 'from the server'],
    ])
    await service.hub.closeUserConnections('alice', { reason: 'maintenance' })
    await until(() => disconnected !== undefined)
    expect(disconnected).toBe('Application server closed the connection. Reason: maintenance')
  })

  it('ends its session by stopping', async () => {
    const reasons: string[] = []
    await using service = startService({ handler: { disconnected: async (_, reason) => void reasons.push(reason) } })
    const { url } = await service.hub.getClientAccessToken({ userId: 'alice' })
    const client = new WebPubSubClient(url.replace('localhost:8080', `127.0.0.1:${service.port}`), {
      protocol: WebPubSubJsonProtocol(),
    })
    await client.start()
    client.stop()
    await until(() => reasons.length === 1)
    expect(service.pubsub.connectionCount).toBe(0)
  })
})
