import { describe, expect, it } from 'bun:test'
import { askRest, restToken } from '../testing/rest-client.ts'
import { startService, testKeys } from '../testing/service.ts'

const path = '/api/hubs/chat/:send'
const now = 1_767_225_600
const at = (second: number) => ({ clock: () => second * 1_000 })

describe('a REST request', () => {
  it('without a good token is 401 with an empty body, whatever is asked', async () => {
    await using service = startService()
    const unauthorized = {
      status: 401,
      headers: {
        'Content-Length': '0',
        'api-supported-versions': '2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01',
      },
      hasDate: true,
      body: '',
    }
    for (const token of [undefined, '', 'x', restToken(service.port, path, { key: 'x'.repeat(40) })]) {
      expect(await askRest(service.port, `POST ${path}`, { token })).toEqual(unauthorized)
      expect(await askRest(service.port, `POST ${path}?filter=x`, { token })).toEqual(unauthorized)
    }
    const basic = { headers: { Authorization: `Basic ${restToken(service.port, path)}` }, token: undefined }
    expect(await askRest(service.port, `POST ${path}`, basic)).toEqual(unauthorized)
  })

  it('is let in with either key, and with new keys as soon as they are set', async () => {
    await using service = startService()
    const other = '/api/hubs/other/:send'
    const statusWith = async (key: string) =>
      (await askRest(service.port, `POST ${other}`, { token: restToken(service.port, other, { key }) })).status
    expect([await statusWith(testKeys[0]), await statusWith(testKeys[1])]).toEqual([202, 202])
    const client = await service.join()
    service.pubsub.setKeys([testKeys[1], 'a-third-key-0123456789abcdefghijklmno'])
    expect([await statusWith(testKeys[0]), await statusWith(testKeys[1])]).toEqual([401, 202])
    expect(await statusWith('a-third-key-0123456789abcdefghijklmno')).toBe(202)
    await client.expectSilence()
    await service.join()
  })

  it('is let in until five minutes after the end of its token', async () => {
    for (const [second, status] of [
      [now - 301, 401],
      [now - 299, 202],
      [now + 299, 202],
      [now + 301, 401],
    ] as const) {
      await using service = startService(at(second))
      const token = restToken(service.port, path, { exp: now, nbf: now })
      expect((await askRest(service.port, `POST ${path}`, { token })).status).toBe(status)
    }
    await using service = startService()
    const token = restToken(service.port, path, { exp: undefined })
    expect((await askRest(service.port, `POST ${path}`, { token })).status).toBe(401)
  })

  it.each([
    ['http://HOST/api/hubs/chat/:send', 202],
    ['https://HOST/api/hubs/chat/:send?other=query', 202],
    ['wss://HOST/api/hubs/chat/:send', 202],
    ['HTTP://HOST/API/hubs/Chat/:SEND', 202],
    ['http://HOST/api/hubs/chat/:send/', 202],
    ['http://HOST/api/hubs/chat/:send/more', 202],
    ['http://localhost:8080/api/hubs/chat/:send', 202],
    ['https://Proxy.example/api/hubs/chat/:send', 202],
    ['https://proxy.example:443/api/hubs/chat/:send', 202],
    ['http://HOST/api/hubs/chat/:sendSuffix', 401],
    ['http://HOST/api/hubs/chat', 401],
    ['http://HOST/api/hubs/chat/', 401],
    ['http://HOST/api/hubs/other/:send', 401],
    ['http://HOST/api/hubs/chat/:closeConnections', 401],
    ['http://other.example/api/hubs/chat/:send', 401],
    ['http://127.0.0.1/api/hubs/chat/:send', 401],
    ['ftp://HOST/api/hubs/chat/:send', 401],
    ['/api/hubs/chat/:send', 401],
    ['http://HOST/client/hubs/chat', 401],
  ])('whose token names %s is answered with %p', async (audience, status) => {
    await using service = startService({ acceptedHosts: ['proxy.example'] })
    const aud = audience.replace('HOST', `127.0.0.1:${service.port}`)
    for (const claim of [aud, ['nobody', aud]]) {
      const token = restToken(service.port, path, { aud: claim })
      expect((await askRest(service.port, `POST ${path}`, { token })).status).toBe(status)
    }
  })

  it('is compared with its token as it came, and decoded once', async () => {
    await using service = startService()
    const statusOf = async (asked: string, named: string) => {
      const token = restToken(service.port, `/api/hubs/chat/groups/${named}/:send`)
      return (await askRest(service.port, `POST /api/hubs/chat/groups/${asked}/:send`, { token })).status
    }
    expect(await statusOf('a%20b', 'a%20b')).toBe(202)
    expect(await statusOf('a%20b', 'a b')).toBe(202)
    expect(await statusOf('a%5Bb', 'a[b')).toBe(202)
    expect(await statusOf('a[b', 'a%5Bb')).toBe(202)
    expect(await statusOf('a%2Fb', 'a%2fb')).toBe(202)
    expect(await statusOf('50%', '50%')).toBe(202)
    expect(await statusOf('a%2520b', 'a b')).toBe(401)
    expect(await statusOf('a%20b', 'a%2520b')).toBe(401)
  })

  it('cannot be made with the token of a client, nor a client connect with its', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken()
    expect((await askRest(service.port, `POST ${path}`, { token })).status).toBe(401)
    const rest = restToken(service.port, path, { aud: 'http://localhost:8080/api/hubs/chat' })
    expect(service.pubsub.inside.tokens.verify(rest, { hub: 'chat', host: 'localhost:8080' })).toBeUndefined()
  })

  it('gets a client token that a client can use', async () => {
    await using service = startService(at(now))
    const query = 'userId=alice&role=webpubsub.sendToGroup&role=webpubsub.joinLeaveGroup&group=lobby&minutesToExpire=5'
    const ask = async (search: string) => {
      const line = `POST /api/hubs/Chat/:generateToken?${search}`
      const answer = await askRest(service.port, line, {
        token: restToken(service.port, '/api/hubs/chat/:generateToken', { exp: now + 60 }),
      })
      expect([answer.status, answer.headers['Content-Type']]).toEqual([200, 'application/json; charset=utf-8'])
      return (JSON.parse(answer.body) as { token: string }).token
    }
    const token = await ask(query)
    const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(header ?? '')).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^s-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    })
    expect(JSON.parse(claims ?? '')).toEqual({
      sub: 'alice',
      role: ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup'],
      'webpubsub.group': ['lobby'],
      nbf: now,
      exp: now + 300,
      iat: now,
      iss: 'https://webpubsub.azure.com',
      aud: 'https://localhost:8080/client/hubs/Chat',
    })
    expect(service.pubsub.inside.tokens.verify(token, { hub: 'chat', host: 'localhost:8080' })).toMatchObject({
      userId: 'alice',
      groups: ['lobby'],
    })
    const plain = JSON.parse(Buffer.from((await ask('clientType=mqtt')).split('.')[1] ?? '', 'base64url').toString())
    expect(plain).toEqual({
      nbf: now,
      exp: now + 3_600,
      iat: now,
      iss: 'https://webpubsub.azure.com',
      aud: 'https://localhost:8080/clients/mqtt/hubs/Chat',
    })
  })
})
