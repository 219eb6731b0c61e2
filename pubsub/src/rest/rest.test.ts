import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { createWebPubSub } from '../index.ts'
import { askRest, restToken } from '../testing/rest-client.ts'
import { startService, testKeys } from '../testing/service.ts'
import { createRest } from './rest.ts'
import { routes } from './routes.ts'

describe('the REST API', () => {
  it('has an answer to everything, and none is a fault of its own', async () => {
    const log: object[] = []
    const endpoint = 'http://localhost:8080'
    const pubsub = createWebPubSub({ endpoint, keys: testKeys, hubs: {}, log: (entry) => log.push(entry) })
    const rest = createRest(pubsub.inside)
    const words =
      ':send :addToGroups :generateToken :closeConnections groups connections users permissions sendToGroup g %2F %'
    const segment = fc.oneof(fc.constantFrom(...words.split(' ')), fc.string().map(encodeURIComponent))
    const names =
      'filter excluded messageTtlSeconds top maxpagesize continuationToken api-version role targetName reason'
    const query = fc.array(fc.tuple(fc.constantFrom(...names.split(' ')), fc.oneof(fc.string(), fc.constant('1'))))
    const requests = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'),
      path: fc.array(segment, { maxLength: 5 }).map((segments) => `/api/hubs/chat/${segments.join('/')}`),
      query: query.map((pairs) => new URLSearchParams(pairs).toString()),
      type: fc.constantFrom('application/json', 'text/plain;charset=', ';;', 'text/plain; charset=utf-16', 'a/b'),
      body: fc.oneof(fc.json(), fc.string(), fc.constant('{"groups":["g"]}')),
    })
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, query, type, body }) => {
        const url = new URL(`http://127.0.0.1:80${path}?${query}`)
        const headers = {
          Authorization: `Bearer ${restToken(80, url.pathname)}`,
          'Content-Type': type,
          'X-WebPubSub-Metadata-a': query.slice(0, 8),
        }
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const { status } = await rest(new Request(url.href, { method, headers, ...(hasBody && { body }) }))
        expect([200, 202, 204, 400, 404, 405, 415]).toContain(status)
      }),
      { numRuns: 3_000 },
    )
    expect(log).toEqual([])
    await pubsub.close()
  })

  it('makes no hub, whatever it is asked about one', async () => {
    const pubsub = createWebPubSub({ endpoint: 'http://localhost:8080', keys: testKeys, hubs: {} })
    const rest = createRest(pubsub.inside)
    for (const { method, path } of routes) {
      const names = path.replace('{permission}', 'sendToGroup').replaceAll(/[{}]/g, '')
      const headers = { Authorization: `Bearer ${restToken(80, names)}`, 'Content-Type': 'application/json' }
      const body = method === 'POST' ? { body: '{"groups":["g"]}' } : {}
      const { status } = await rest(new Request(`http://127.0.0.1${names}?targetName=g`, { method, headers, ...body }))
      expect([names, [200, 202, 204, 404].includes(status)]).toEqual([names, true])
    }
    expect([...pubsub.inside.engine.hubs.keys()]).toEqual([])
    await pubsub.close()
  })

  it('finds paths in whatever case they are written', async () => {
    await using service = startService()
    const { connectionId } = await service.join({ userId: 'U' })
    const statusOf = async (line: string) => (await askRest(service.port, line)).status
    expect(await statusOf('HEAD /API/Hubs/CHAT/Users/U')).toBe(200)
    expect(await statusOf('HEAD /api/hubs/chat/users/u')).toBe(404)
    expect(await statusOf(`HEAD /api/hubs/chat/CONNECTIONS/${connectionId}`)).toBe(200)
    expect(await statusOf('POST /api/hubs/chat/:GENERATEtoken')).toBe(200)
    expect(await statusOf('PATCH /Api/hubs/chat/:send')).toBe(405)
    expect(await statusOf('HEAD /Api/Health')).toBe(200)
  })

  it('logs a fault of its own and answers 500', async () => {
    const log: object[] = []
    const pubsub = createWebPubSub({
      endpoint: 'http://localhost:8080',
      keys: testKeys,
      hubs: {},
      log: (entry) => log.push(entry),
    })
    const rest = createRest(pubsub.inside)
    const path = '/api/hubs/chat/:send'
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('the disk is full')) })
    const headers = { Authorization: `Bearer ${restToken(80, path)}` }
    const { status } = await rest(new Request(`http://127.0.0.1${path}`, { method: 'POST', headers, body }))
    expect(status).toBe(500)
    expect(log).toEqual([
      { level: 'error', event: 'restFailed', method: 'POST', error: expect.stringContaining('the disk is full') },
    ])
    await pubsub.close()
  })
})
