import { describe, expect, it } from 'bun:test'
import { WebPubSub } from './start.ts'
import { connect } from '../testing/client.ts'
import { until } from '../testing/service.ts'
import { respond, startReceiver } from '../webhook/testing.ts'

const json = 'json.webpubsub.azure.v1'

describe('new settings of a hub', () => {
  it('let an event that is being tried again reach the handler that it began with', async () => {
    await using receiver = await startReceiver((_, at) => respond(at === 1 ? 503 : 204, []))
    const settings = (path: string) => ({
      eventHandlers: [{ urlTemplate: `http://127.0.0.1:${receiver.port}/${path}`, userEventPattern: '*' }],
    })
    await using service = await WebPubSub.start({ hubs: { chat: settings('old') } })
    const { url } = await service.hub('chat').getClientAccessToken()
    const client = await connect(url, [json])
    await client.nextFrame()
    const raise = (ackId: number) => client.send({ type: 'event', event: 'e', ackId, dataType: 'text', data: 'x' })
    raise(1)
    await until(() => receiver.posts.length === 1)
    service.setHub('chat', settings('new'))
    raise(2)
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: true })
    expect(await client.nextFrame()).toMatchObject({ ackId: 2, success: true })
    expect(receiver.posts.map((request) => request.split(' ')[1])).toEqual(['/old', '/old', '/new'])
  })

  it('do not keep a stop waiting for the attempts of the old ones', async () => {
    await using receiver = await startReceiver(() => respond(503, []))
    const eventHandlers = [{ urlTemplate: `http://127.0.0.1:${receiver.port}/`, userEventPattern: '*' }]
    const service = await WebPubSub.start({ hubs: { chat: { eventHandlers } } })
    const { url } = await service.hub('chat').getClientAccessToken()
    const client = await connect(url, [json])
    client.send({ type: 'event', event: 'e', ackId: 1, dataType: 'text', data: 'x' })
    await until(() => receiver.posts.length === 1)
    service.setHub('chat', {})
    await service.close()
    expect(receiver.posts).toHaveLength(1)
  })
})
