import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { HealthResponse, TokenResponse, UsersResponse } from '@chatr/protocol'
import { cookieOf, guestCookie, principalOf, startTestChatr, type TestChatr } from './testing.ts'

let chatr: TestChatr
beforeAll(async () => {
  chatr = await startTestChatr({ CHATR_IDLE_SECONDS: '7' })
})
afterAll(() => chatr[Symbol.asyncDispose]())

const forged = (userId: string) => ({
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({ identityProvider: 'github', userId, userDetails: 'mallory', userRoles: ['authenticated'] }),
  ).toString('base64'),
})

/** The user id that a token is for, as the token itself says. */
async function userOfToken(response: Response): Promise<string> {
  const { token } = TokenResponse.parse(await response.json())
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')).sub
}

describe('the API', () => {
  it('answers health to everyone', async () => {
    const response = await chatr.fetch('/api/health')
    expect(HealthResponse.parse(await response.json()).status).toBe('ok')
  })

  it.each(['/api/getToken', '/api/users', '/api/chats'])(
    'answers 401 on %s to whoever is not signed in',
    async (path) => {
      expect((await chatr.fetch(path)).status).toBe(401)
    },
  )

  it('does not believe a principal from outside', async () => {
    for (const headers of [forged('github:1'), { 'X-MS-CLIENT-PRINCIPAL': forged('x')['x-ms-client-principal'] }]) {
      expect((await chatr.fetch('/api/getToken', { headers })).status).toBe(401)
    }
  })

  it('knows its caller by his session, whatever else he says', async () => {
    const cookie = await guestCookie(chatr)
    const me = await principalOf(chatr, cookie)
    const response = await chatr.fetch('/api/getToken', { headers: { cookie, ...forged('github:1') } })
    expect(await userOfToken(response)).toBe(me?.userId ?? 'nobody')
  })

  it('reads names in any script', async () => {
    const cookie = cookieOf(await chatr.post('/.auth/login/github', { name: 'Жанна 🌿' }))
    await using socket = await openSocket(cookie)
    const { users } = UsersResponse.parse(await (await chatr.fetch('/api/users', { headers: { cookie } })).json())
    expect(users[socket.userId]?.userName).toBe('Жанна 🌿')
  })

  it('gives no token for another user', async () => {
    const headers = { cookie: await guestCookie(chatr) }
    expect((await chatr.fetch('/api/getToken?userId=github:1', { headers })).status).toBe(403)
  })

  it('tells clients the idle time and where the browser itself reached it', async () => {
    const headers = { cookie: await guestCookie(chatr), host: 'chat.internal:8080' }
    const { url, settings } = TokenResponse.parse(await (await chatr.fetch('/api/getToken', { headers })).json())
    expect(settings.idleAfterSeconds).toBe(7)
    expect(url).toStartWith('ws://chat.internal:8080/client/hubs/chat?access_token=')
  })

  it('names the public origin behind a proxy, and no other', async () => {
    const origin = 'https://chat.example.com'
    await using hidden = await startTestChatr({ CHATR_PUBLIC_ORIGIN: origin })
    const cookie = cookieOf(await hidden.post('/.auth/login/guest', { name: 'Ada' }, { origin }))
    const headers = { cookie, host: 'inner:1', 'x-forwarded-host': 'evil.example' }
    const response = await hidden.fetch('/api/getToken', { headers })
    expect(TokenResponse.parse(await response.json()).url).toStartWith('wss://chat.example.com/client/hubs/chat?')
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self' wss://chat.example.com;")
  })

  it('takes no webhook while the service is in this process', async () => {
    const headers = { 'ce-type': 'azure.webpubsub.sys.connect', 'ce-signature': 'sha256=00' }
    expect((await chatr.fetch('/api/eventHandler', { method: 'POST', headers, body: '{}' })).status).toBe(401)
  })
})

describe('the WebSocket', () => {
  it('connects with the token of the API', async () => {
    await using socket = await openSocket(await guestCookie(chatr))
    expect(socket.userId).toMatch(/^guest:/)
  })

  it('is refused without a token, cookie or not', async () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade', cookie: await guestCookie(chatr) }
    const response = await chatr.fetch('/client/hubs/chat', { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('is closed when its user signs out', async () => {
    const cookie = await guestCookie(chatr)
    await using socket = await openSocket(cookie)
    await chatr.fetch('/.auth/logout', { headers: { cookie } })
    expect((await socket.closed).wasClean).toBe(true)
  })

  it('is closed when its browser becomes another user', async () => {
    const cookie = await guestCookie(chatr)
    await using socket = await openSocket(cookie)
    await chatr.post('/.auth/login/github', { name: 'Ada' }, { cookie })
    expect((await socket.closed).wasClean).toBe(true)
  })

  it('lives on when a guest takes another name', async () => {
    const cookie = await guestCookie(chatr, 'Ada')
    await using socket = await openSocket(cookie)
    const renamed = await guestCookie(chatr, 'Countess', cookie)
    await using second = await openSocket(renamed)
    expect(second.userId).toBe(socket.userId)
    expect(socket.isOpen()).toBe(true)
  })

  it('is told to go when the server stops', async () => {
    const ending = await startTestChatr()
    const socket = await openSocket(await guestCookie(ending), ending)
    await ending[Symbol.asyncDispose]()
    expect((await socket.closed).code).toBe(1001)
    expect(socket.systemEvents).toEqual(['connected', 'disconnected'])
  })
})

describe('the log', () => {
  it('tells of sign-ins and refusals, and holds no token, cookie or name', async () => {
    await using quiet = await startTestChatr()
    const cookie = await guestCookie(quiet, 'Rumpelstiltskin')
    const me = await principalOf(quiet, cookie)
    const token = TokenResponse.parse(await (await quiet.fetch('/api/getToken', { headers: { cookie } })).json()).token
    await quiet.post('/.auth/login/guest', { name: 'Ada' }, { origin: 'https://evil.example' })
    await quiet.fetch('/.auth/logout', { headers: { cookie } })
    const text = quiet.logged.join('\n')
    expect(text).toContain(`sign-in {"provider":"guest","user":"${me?.userId}"}`)
    expect(text).toContain('refused a sign-in from another site')
    expect(text).toContain('sign-out')
    for (const secret of [token, cookie.split('=')[1] ?? '', 'Rumpelstiltskin']) expect(text).not.toContain(secret)
  })
})

/** A client that has its `connected` frame. */
async function openSocket(cookie: string, server: TestChatr = chatr) {
  const response = await server.fetch('/api/getToken', { headers: { cookie } })
  const { url } = TokenResponse.parse(await response.json())
  const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
  const systemEvents: string[] = []
  const connected = Promise.withResolvers<{ userId: string }>()
  const closed = Promise.withResolvers<CloseEvent>()
  socket.addEventListener('close', (event) => closed.resolve(event))
  socket.addEventListener('error', () => connected.reject(new Error('no connection')))
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data))
    if (frame.type === 'system') systemEvents.push(frame.event)
    if (frame.type === 'system' && frame.event === 'connected') connected.resolve(frame)
  })
  const { userId } = await connected.promise
  return {
    userId,
    systemEvents,
    closed: closed.promise,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    async [Symbol.asyncDispose]() {
      socket.close()
      await closed.promise
    },
  }
}
