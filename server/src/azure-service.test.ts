import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'bun:test'
import { createHmac } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteStore } from '@chatr/api/stores/sqlite'
import { TokenResponse, UsersResponse } from '@chatr/protocol'
import { guestCookie, makeTempFolder, principalOf, startTestChatr, type TestChatr } from './testing.ts'

const accessKey = 'bm90IGEgcmVhbCBrZXk='
const connectionId = 'conn-1'

/** Azure itself, as far as this process can see it: takes every call and remembers it. */
let azure: Bun.Server<undefined>
let calls: { method: string; path: string; authorization: string; body: string }[] = []
/** How the path of a call ends that Azure refuses. */
let refused: string
let folder: string
let chatr: TestChatr

beforeAll(() => {
  azure = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname: path } = new URL(request.url)
      const authorization = request.headers.get('authorization') ?? ''
      calls.push({ method: request.method, path, authorization, body: await request.text() })
      return new Response(null, { status: path.endsWith(refused) ? 400 : 202 })
    },
  })
})
afterAll(() => azure.stop(true))

const start = () =>
  startTestChatr({ CHATR_WEB_PUBSUB: `Endpoint=${azure.url.origin};AccessKey=${accessKey};Version=1.0;` }, folder)

beforeEach(async () => {
  calls = []
  refused = 'none'
  folder = makeTempFolder()
  chatr = await start()
})
afterEach(async () => {
  await chatr.stop()
  rmSync(folder, { recursive: true })
})

/** Raises an event as the service does (webpubsub.md 10.1). */
function raise(event: 'connect' | 'connected', userId: string, key = accessKey): Promise<Response> {
  const signature = createHmac('sha256', key).update(connectionId).digest('hex')
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'webhook-request-origin': '127.0.0.1',
    'ce-specversion': '1.0',
    'ce-awpsversion': '1.0',
    'ce-type': `azure.webpubsub.sys.${event}`,
    'ce-source': `/hubs/chat/client/${connectionId}`,
    'ce-id': '0',
    'ce-time': '2026-11-22T08:30:00Z',
    'ce-hub': 'chat',
    'ce-connectionId': connectionId,
    'ce-eventName': event,
    'ce-userId': userId,
    'ce-subprotocol': 'json.webpubsub.azure.v1',
    'ce-signature': `sha256=${signature},sha256=${'0'.repeat(64)}`,
  }
  return chatr.fetch('/api/eventHandler', { method: 'POST', headers, body: '{}' })
}

/** Signs a guest in, lets him fetch his token, and answers who he is. */
async function guestWithToken() {
  const cookie = await guestCookie(chatr)
  const response = await chatr.fetch('/api/getToken', { headers: { cookie } })
  const { userId = '' } = (await principalOf(chatr, cookie)) ?? {}
  return { cookie, userId, response, access: TokenResponse.parse(await response.clone().json()) }
}

describe('with Azure Web PubSub', () => {
  it('sends browsers to the service, and lets them', async () => {
    const { access, response } = await guestWithToken()
    const service = azure.url.origin.replace('http', 'ws')
    expect(access.url).toStartWith(`${service}/client/hubs/chat?access_token=`)
    expect(response.headers.get('content-security-policy')).toContain(`connect-src 'self' ${service};`)
    const [, claims = ''] = access.token.split('.')
    const signed = access.token.slice(0, access.token.lastIndexOf('.'))
    expect(access.token).toBe(`${signed}.${createHmac('sha256', accessKey).update(signed).digest('base64url')}`)
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: `${azure.url.origin}/client/hubs/chat`,
    })
  })

  it('takes no WebSocket itself', async () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade' }
    expect((await chatr.fetch('/client/hubs/chat', { headers })).status).not.toBe(101)
  })

  it('lets this service call, and no other', async () => {
    const ask = (origin: string) =>
      chatr.fetch('/api/eventHandler', { method: 'OPTIONS', headers: { 'webhook-request-origin': origin } })
    const answer = await ask('127.0.0.1')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('webhook-allowed-origin')).toBe('127.0.0.1')
    expect((await ask('evil.example')).headers.get('webhook-allowed-origin')).toBeNull()
  })

  it('believes an event that the key signed, and tells everyone through the service', async () => {
    const { userId, cookie } = await guestWithToken()
    expect((await raise('connect', userId)).status).toBe(200)
    expect((await raise('connected', userId)).status).toBe(204)
    const { users } = UsersResponse.parse(await (await chatr.fetch('/api/users', { headers: { cookie } })).json())
    expect(Object.keys(users)).toEqual([userId])
    const told = calls.find(({ path, body }) => path === '/api/hubs/chat/:send' && body.includes('userOnline'))
    expect(told?.method).toBe('POST')
    expect(told?.authorization).toMatch(/^Bearer /)
  })

  it('refuses an event that another key signed, does nothing, and logs it', async () => {
    const { userId, cookie } = await guestWithToken()
    calls = []
    expect((await raise('connected', userId, 'another key')).status).toBe(401)
    const { users } = UsersResponse.parse(await (await chatr.fetch('/api/users', { headers: { cookie } })).json())
    expect(users).toEqual({})
    expect(calls).toEqual([])
    expect(chatr.logged.join()).toContain('refused a webhook')
  })

  it('still knows after a restart who is connected, since the connections live on', async () => {
    const { userId, cookie } = await guestWithToken()
    await raise('connect', userId)
    await raise('connected', userId)
    await chatr.stop()
    chatr = await start()
    const { users } = UsersResponse.parse(await (await chatr.fetch('/api/users', { headers: { cookie } })).json())
    expect(Object.keys(users)).toEqual([userId])
  })

  it('asks the service to end the connections of who signs out', async () => {
    const { userId, cookie } = await guestWithToken()
    await chatr.fetch('/.auth/logout', { headers: { cookie } })
    const path = `/api/hubs/chat/users/${encodeURIComponent(userId)}/:closeConnections`
    expect(calls.map((call) => decodeURIComponent(call.path))).toContain(decodeURIComponent(path))
  })
})

it('signs out also when the service cannot end the connections, and says so in the log', async () => {
  const { cookie } = await guestWithToken()
  refused = ':closeConnections'
  const response = await chatr.fetch('/.auth/logout', { headers: { cookie } })
  expect([response.status, response.headers.get('set-cookie')]).toEqual([302, expect.stringContaining('Max-Age=0')])
  expect(await principalOf(chatr, cookie)).toBeNull()
  expect(chatr.logged.join()).toContain('connections outlive a sign-out')
})

describe('with the embedded service', () => {
  let embedded: TestChatr
  beforeEach(async () => {
    await chatr.stop()
    embedded = await startTestChatr({}, folder)
  })
  afterEach(() => embedded.stop())

  it('begins with nobody online, since every connection ended with the process before', async () => {
    const cookie = await guestCookie(embedded)
    const { userId = '' } = (await principalOf(embedded, cookie)) ?? {}
    await embedded.stop()
    const killed = openSqliteStore({ file: join(folder, 'data/chatr.sqlite') })
    await killed.saveUser({ userId, userName: 'Ada', userProvider: 'guest' })
    await killed.addConnection('never-removed', userId)
    await killed.close()
    embedded = await startTestChatr({}, folder)
    const users = await (await embedded.fetch('/api/users', { headers: { cookie } })).json()
    expect(users).toEqual({ users: {} })
  })
})
