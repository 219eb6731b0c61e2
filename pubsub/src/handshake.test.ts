import { describe, expect, it } from 'bun:test'
import { connect as openClient } from './testing/client.ts'
import type { ConnectAnswer, ConnectRequest } from './index.ts'
import { askRaw } from './testing/raw-client.ts'
import { json, startService, testKeys, until } from './testing/service.ts'
import { createTokens } from './tokens.ts'

const tokenFor = async (service: ReturnType<typeof startService>, options = {}) =>
  (await service.hub.getClientAccessToken({ userId: 'alice', ...options })).token
const path = (token: string) => `/client/hubs/chat?access_token=${token}`
const offering = (...names: string[]) => ({ 'Sec-WebSocket-Protocol': names.join(', ') })
const answering = (answer: ConnectAnswer) => startService({ handler: { connect: async () => answer } })

describe('the handshake', () => {
  it('upgrades with the token in the query or in the header, on both forms of the URL', async () => {
    await using service = startService()
    const token = await tokenFor(service)
    const header = { Authorization: `Bearer ${token}` }
    for (const [url, headers] of [
      [path(token), {}],
      [`/client/hubs/CHAT?Access_Token=${token}`, {}],
      ['/client/hubs/chat', header],
      ['/client/?hub=chat', header],
      [`/client?HUB=Chat&access_token=${token}`, {}],
    ] as const) {
      expect([url, (await askRaw(service.port, url, headers)).status]).toEqual([url, 101])
    }
  })

  it('answers 400 to a request that is no upgrade, before it looks at anything else', async () => {
    await using service = startService()
    expect((await askRaw(service.port, '/client/hubs/1bad', { Upgrade: '', Connection: 'close' })).status).toBe(400)
    const token = await tokenFor(service)
    expect((await askRaw(service.port, path(token), { 'Sec-WebSocket-Key': '' })).status).toBe(400)
  })

  it('answers 400 to a bad hub name, before it looks at the token', async () => {
    await using service = startService()
    for (const url of [
      '/client/hubs/1bad',
      '/client/hubs/',
      '/client/?hub=',
      '/client',
      '/client/hubs/a/b',
      '/client/hubs/%E0%A4%A',
    ]) {
      const answer = await askRaw(service.port, url)
      expect([url, answer.status, answer.body]).toEqual([url, 400, 'Invalid hub name.'])
    }
  })

  it('answers 401 without a body to a missing or wrong token', async () => {
    await using service = startService()
    for (const url of [
      '/client/hubs/chat',
      path(''),
      path('nonsense'),
      `/client/hubs/other?access_token=${await tokenFor(service)}`,
    ]) {
      const { status, headers, body } = await askRaw(service.port, url)
      expect([status, headers['content-length'], body]).toEqual([401, '0', ''])
    }
  })

  it('answers 400 to a token with an invalid group', async () => {
    await using service = startService()
    const answer = await askRaw(service.port, path(await tokenFor(service, { groups: ['ok', ' '] })))
    expect([answer.status, answer.body]).toEqual([400, 'The token contains an invalid group name.'])
  })

  it('gives the status of a connect handler that refuses, and 500 for one that fails', async () => {
    for (const status of [400, 401, 403, 500] as const) {
      await using service = answering({ accept: false, status })
      expect((await askRaw(service.port, path(await tokenFor(service)))).status).toBe(status)
      expect(service.pubsub.connectionCount).toBe(0)
    }
    await using service = startService({ handler: { connect: () => Promise.reject(new Error('no database')) } })
    const token = await tokenFor(service)
    expect((await askRaw(service.port, path(token))).status).toBe(500)
    expect(service.log).toMatchObject([{ event: 'handlerFailed', name: 'connect' }])
    expect(JSON.stringify(service.log)).not.toContain(token)
  })

  it('answers 500 when the handler chooses what was not offered or is invalid', async () => {
    for (const answer of [{ subprotocol: 'other' }, { subprotocol: 'mqtt' }, { groups: [''] }]) {
      await using service = answering({ accept: true, ...answer })
      const offers = offering(json, 'mqtt')
      expect((await askRaw(service.port, path(await tokenFor(service)), offers)).status).toBe(500)
    }
  })

  it('tells the connect handler what the client brought, but no secret', async () => {
    const asked: ConnectRequest[] = []
    const connect = async (request: ConnectRequest): Promise<ConnectAnswer> => {
      asked.push(request)
      return { accept: false, status: 403 }
    }
    await using service = startService({ handler: { connect } })
    const token = await tokenFor(service, { roles: ['webpubsub.sendToGroup'] })
    await askRaw(service.port, `${path(token)}&room=1&room=2&awps_reconnection_token=t`, {
      Authorization: `Bearer ${token}`,
      'X-ASRS-Internal': 'x',
      'User-Agent': 'test',
      ...offering('one', json),
    })
    const [request] = asked
    expect(request).toMatchObject({
      hub: 'chat',
      userId: 'alice',
      query: { room: ['1', '2'] },
      subprotocols: ['one', json],
    })
    expect(request?.claims).toMatchObject({ sub: ['alice'], role: ['webpubsub.sendToGroup'] })
    expect(request?.headers['user-agent']).toEqual(['test'])
    expect(request?.connectionId).toMatch(/^[\w-]{31}$/)
    expect(JSON.stringify([request?.query, request?.headers])).not.toContain(token)
    expect(request?.headers).not.toHaveProperty('x-asrs-internal')
  })

  it('lets the handler replace user, roles and groups, where an empty list of groups changes nothing', async () => {
    await using service = answering({
      accept: true,
      userId: 'bob',
      roles: ['webpubsub.sendToGroup.x'],
      groups: [],
      state: 's',
    })
    const client = await service.join({ userId: 'alice', groups: ['lobby'], roles: ['webpubsub.joinLeaveGroup'] })
    expect([await service.hub.userExists('bob'), await service.hub.userExists('alice')]).toEqual([true, false])
    expect(await service.hub.groupExists('lobby')).toBe(true)
    expect(await service.hub.hasPermission(client.connectionId, 'sendToGroup', { targetName: 'x' })).toBe(true)
    expect(await service.hub.hasPermission(client.connectionId, 'joinLeaveGroup', { targetName: 'x' })).toBe(false)
  })

  it('refuses once the service is closing', async () => {
    const { promise, resolve } = Promise.withResolvers<ConnectAnswer>()
    let isAsked = false
    const connect = () => {
      isAsked = true
      return promise
    }
    await using service = startService({ handler: { connect } })
    const answer = askRaw(service.port, path(await tokenFor(service)))
    await until(() => isAsked)
    await service.pubsub.close()
    resolve({ accept: true })
    expect((await answer).status).toBe(503)
  })

  it('takes a token that names the host that was asked', async () => {
    await using service = startService()
    const statusFor = async (Host: string, named: string) => {
      const [endpoint, clock] = [new URL(`http://${named}`), Date.now]
      const outside = createTokens({ endpoint, keys: testKeys, acceptedHosts: [], clock })
      return (await askRaw(service.port, path(outside.sign({ hub: 'chat', lifeMinutes: 1 })), { Host })).status
    }
    expect(await statusFor('pubsub:9000', 'pubsub:9000')).toBe(101)
    expect(await statusFor('Tunnel.example:80', 'tunnel.example')).toBe(101)
    expect(await statusFor('pubsub:9000', 'pubsub:9001')).toBe(401)
    expect(await statusFor('pubsub:9000', 'localhost:8080')).toBe(101)
  })

  it.each([0, 99, 101, 200, 302, 600, Number.NaN])('answers 500 to a refusal with the status %p', async (status) => {
    await using service = answering({ accept: false, status })
    expect((await askRaw(service.port, path(await tokenFor(service)))).status).toBe(500)
    expect(service.log).toMatchObject([{ event: 'connectAnswerInvalid' }])
  })

  it('answers 400 to a Host that is none', async () => {
    await using service = startService()
    expect(await askRaw(service.port, path(await tokenFor(service)), { Host: ':' })).toMatchObject({ status: 400 })
    expect(service.log).toEqual([])
  })

  it('leaves other paths to the server', async () => {
    await using service = startService()
    for (const url of ['/', '/clients', '/client/other', '/clients/mqtt/hubs/chat']) {
      expect([url, (await askRaw(service.port, url)).status]).toEqual([url, 404])
    }
  })
})

describe('the subprotocol', () => {
  it.each([
    [[json], json],
    [['custom', 'JSON.webpubsub.azure.V1'], 'JSON.webpubsub.azure.V1'],
    [['protobuf.reliable.webpubsub.azure.v1', json], 'protobuf.reliable.webpubsub.azure.v1'],
    [['mqtt', 'json.reliable.webpubsub.azure.v1', json], 'json.reliable.webpubsub.azure.v1'],
    [['custom'], undefined],
    [['mqtt'], undefined],
    [[], undefined],
  ])('offered as %p is answered as %p', async (offers, expected) => {
    await using service = startService()
    const headers: Record<string, string> = offers.length > 0 ? offering(...offers) : {}
    const answer = await askRaw(service.port, path(await tokenFor(service)), headers)
    expect([answer.status, answer.headers['sec-websocket-protocol']]).toEqual([101, expected])
  })

  it('that the handler chose among the offers wins, and a custom one is spoken simply', async () => {
    await using service = startService({
      handler: {
        connect: async () => ({ accept: true, subprotocol: 'custom' }),
        event: async ({ subprotocol }) => ({ reply: { dataType: 'text', data: `${subprotocol}` } }),
      },
    })
    const { url } = await service.hub.getClientAccessToken()
    const client = await openClient(url.replace('localhost:8080', `127.0.0.1:${service.port}`), [json, 'custom'])
    expect(client.protocol).toBe('custom')
    client.send('bare')
    expect(await client.next()).toBe('custom')
  })
})

describe('the options', () => {
  it('are refused when they cannot work', () => {
    expect(() => startService({ endpoint: 'localhost:8080' })).toThrow('endpoint')
    expect(() => startService({ endpoint: 'http://localhost/base' })).toThrow('endpoint')
    expect(() => startService({ keys: [''] })).toThrow('keys')
  })

  it('take a token that another program signed with the second key', async () => {
    await using service = startService()
    const other = createTokens({
      endpoint: new URL('https://localhost:8080'),
      keys: [testKeys[1]],
      acceptedHosts: [],
      clock: Date.now,
    })
    const token = other.sign({ hub: 'Chat', lifeMinutes: 1 })
    expect((await askRaw(service.port, path(token))).status).toBe(101)
  })
})
