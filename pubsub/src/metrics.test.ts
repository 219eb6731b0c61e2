import { describe, expect, it } from 'bun:test'
import { readdirSync } from 'node:fs'
import { connect } from './testing/client.ts'
import { until } from './testing/service.ts'
import { parseExposition, type ParsedMetric } from './metrics-testing.ts'
import { WebPubSub } from './start/start.ts'
import type { RunningWebPubSub } from './start/start.ts'

const read = async ({ url }: RunningWebPubSub) => parseExposition(await (await fetch(`${url}/metrics`)).text())

function valueOf(metric: ParsedMetric | undefined, labels: Record<string, string> = {}, name?: string) {
  const isMeant = (sample: ParsedMetric['samples'][number]) =>
    (name === undefined || sample.name === name) &&
    Object.entries(labels).every(([key, text]) => sample.labels[key] === text)
  return metric?.samples.find(isMeant)?.value
}

async function join(service: RunningWebPubSub, protocol: string, userId: string) {
  const { token } = await service.hub('chat').getClientAccessToken({ userId, groups: ['lobby'] })
  const client = await connect(`${service.url.replace('http', 'ws')}/client/hubs/chat?access_token=${token}`, [
    protocol,
  ])
  await client.nextFrame()
  return client
}

const handler = {
  connect: async () => ({ accept: true as const }),
  connected: async () => {},
  event: async () => ({}),
  disconnected: async () => {},
}

describe('the metrics', () => {
  it('follow the conventions for names, types and helps', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: {} } })
    const response = await fetch(`${service.url}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const [name, { type, help }] of parseExposition(await response.text())) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).toMatch(/^(?:webpubsub|process)_[a-z_]+$/)
      expect(name).not.toMatch(/_(?:ms|milliseconds|kb|mb|percent)(?:_|$)/)
      expect(help).toMatch(/^[A-Z0-9].*[.]$/)
    }
  })

  it('count connections by hub and subprotocol, groups, users, frames and calls', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: { handler } } })
    const plain = await join(service, 'json.webpubsub.azure.v1', 'ann')
    await join(service, 'json.reliable.webpubsub.azure.v1', 'bob')
    plain.send(JSON.stringify({ type: 'event', event: 'x', ackId: 1, dataType: 'text', data: 'hello' }))
    await plain.nextFrame()
    const metrics = await read(service)
    const of = (name: string, labels = {}) => valueOf(metrics.get(`webpubsub_${name}`), { hub: 'chat', ...labels })
    expect(of('connections', { subprotocol: 'json.webpubsub.azure.v1' })).toBe(1)
    expect(of('connections', { subprotocol: 'json.reliable.webpubsub.azure.v1' })).toBe(1)
    expect([of('groups'), of('users'), of('connections_opened_total')]).toEqual([1, 2, 2])
    expect([of('frames_received_total'), of('detached_sessions')]).toEqual([1, 0])
    expect(of('frames_sent_total')).toBe(3)
    expect(of('received_bytes_total')).toBeGreaterThan(50)
    const calls = metrics.get('webpubsub_upstream_duration_seconds')
    const count = 'webpubsub_upstream_duration_seconds_count'
    expect(valueOf(calls, { hub: 'chat', outcome: 'succeeded' }, count)).toBeGreaterThanOrEqual(1)
  })

  it('count refused handshakes by status, under a hub only if there is one', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: {} } })
    for (const hub of ['chat', 'nobody-knows', '1', 'chat']) await fetch(`${service.url}/client/hubs/${hub}`)
    const refused = (await read(service)).get('webpubsub_handshakes_refused_total')
    expect(valueOf(refused, { hub: 'chat', status: '400' })).toBe(2)
    expect(valueOf(refused, { hub: '', status: '400' })).toBe(2)
    expect((await read(service)).get('webpubsub_groups')?.samples).toHaveLength(1)
  })

  it('leave out hubs where nothing ever happened', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: {}, refused: {}, called: { handler }, unused: {} } })
    for (const name of ['asked', 'asked2']) service.hub(name)
    await join(service, 'json.webpubsub.azure.v1', 'ann')
    await fetch(`${service.url}/client/hubs/refused`)
    const { token } = await service.hub('called').getClientAccessToken()
    const client = await connect(`${service.url.replace('http', 'ws')}/client/hubs/called?access_token=${token}`, [])
    client.socket.close()
    await client.closed
    const metrics = await read(service)
    const named = [...metrics.values()].flatMap(({ samples }) => samples.map(({ labels }) => labels['hub']))
    expect(new Set(named)).toEqual(new Set([undefined, 'chat', 'refused', 'called', '']))
  })

  it('count closed connections by reason', async () => {
    await using service = await WebPubSub.start({ hubs: { chat: {} } })
    await join(service, 'json.webpubsub.azure.v1', 'ann')
    await service.hub('chat').closeAllConnections()
    const closed = async () =>
      valueOf((await read(service)).get('webpubsub_connections_closed_total'), { reason: 'ClosedByAppServer' })
    await until(async () => (await closed()) === 1)
  })

  it('tell about the process', async () => {
    await using service = await WebPubSub.start()
    const metrics = await read(service)
    const value = (name: string) => valueOf(metrics.get(`process_${name}`)) ?? Number.NaN
    expect(value('cpu_seconds_total')).toBeGreaterThan(0)
    expect(value('resident_memory_bytes')).toBeGreaterThan(1_000_000)
    expect(Math.abs(value('start_time_seconds') * 1_000 - performance.timeOrigin)).toBeLessThan(1_000)
    if (process.platform === 'linux') {
      expect(Math.abs(value('open_fds') - readdirSync('/proc/self/fd').length)).toBeLessThan(20)
      expect(value('max_fds')).toBeGreaterThan(10)
    }
  })

  it('escape the names of hubs', async () => {
    await using service = await WebPubSub.start({ hubs: { 'a`,.[]_1': {} } })
    await fetch(`${service.url}/client/hubs/${encodeURIComponent('a`,.[]_1')}`)
    expect(valueOf((await read(service)).get('webpubsub_groups'), { hub: 'a`,.[]_1' })).toBe(0)
  })
})

describe('/metrics', () => {
  const ask = (url: string, headers: Record<string, string> = {}) => fetch(`${url}/metrics`, { headers })

  it('is for this machine alone', async () => {
    await using service = await WebPubSub.start()
    expect((await ask(service.url)).status).toBe(200)
    expect((await ask(service.url.replace('127.0.0.1', 'localhost'))).status).toBe(200)
    expect((await ask(service.url, { host: 'pubsub.example.com' })).status).toBe(404)
    expect((await ask(service.url, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(404)
    expect((await fetch(`${service.url}/metrics`, { method: 'POST' })).status).toBe(405)
  })

  it('is for all, or for nobody, when so asked', async () => {
    await using open = await WebPubSub.start({ metrics: 'on' })
    await using shut = await WebPubSub.start({ metrics: 'off' })
    expect((await ask(open.url, { host: 'pubsub.example.com', via: 'x' })).status).toBe(200)
    expect((await ask(shut.url)).status).toBe(404)
  })
})
