import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cookieOf, guestCookie, principalOf, startTestChatr, type TestChatr } from '../testing.ts'

let chatr: TestChatr
beforeAll(async () => {
  chatr = await startTestChatr()
})
afterAll(() => chatr[Symbol.asyncDispose]())

const github = '/.auth/login/github'

describe('/.auth/me', () => {
  it('answers null to whoever is not signed in', async () => {
    const me = await chatr.fetch('/.auth/me')
    expect(me.status).toBe(200)
    expect(me.headers.get('cache-control')).toBe('no-store')
    expect(await me.json()).toEqual({ clientPrincipal: null })
  })

  it('answers the principal of Static Web Apps to a guest', async () => {
    const me = await chatr.fetch('/.auth/me', { headers: { cookie: await guestCookie(chatr, 'Ada Lovelace') } })
    expect(await me.json()).toEqual({
      clientPrincipal: {
        identityProvider: 'guest',
        userId: expect.stringMatching(/^guest:[0-9a-f]{32}$/),
        userDetails: 'Ada Lovelace',
        userRoles: ['anonymous', 'authenticated'],
        claims: [],
      },
    })
  })
})

describe('the session cookie', () => {
  it('is HttpOnly and SameSite, and not Secure on http', async () => {
    const response = await chatr.post('/.auth/login/guest', { name: 'Ada' })
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^chatr_session=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/)
  })

  it('is Secure and __Host- behind https', async () => {
    const origin = 'https://chat.example.com'
    await using secure = await startTestChatr({ CHATR_PUBLIC_ORIGIN: origin })
    const response = await secure.post('/.auth/login/guest', { name: 'Ada' }, { origin })
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-chatr_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000$/)
    expect(await principalOf(secure, cookieOf(response))).toMatchObject({ userDetails: 'Ada' })
    expect(response.headers.get('strict-transport-security')).toContain('max-age=')
  })

  it('cannot be edited', async () => {
    const cookie = await guestCookie(chatr)
    const edited = cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect(await principalOf(chatr, edited)).toBeNull()
    expect(await principalOf(chatr, cookie.split('.')[0] ?? '')).toBeNull()
  })

  it('cannot be made without the key, nor with it for a session that never was', async () => {
    const id = 'A'.repeat(43)
    const { sessionKey } = JSON.parse(readFileSync(join(chatr.folder, 'data/secrets.json'), 'utf8'))
    for (const key of ['guess', sessionKey]) {
      const signature = createHmac('sha256', key).update(`session ${id}`).digest('base64url')
      expect(await principalOf(chatr, `chatr_session=${id}.${signature}`)).toBeNull()
    }
  })

  it('of another Chatr is nothing here', async () => {
    await using other = await startTestChatr()
    expect(await principalOf(chatr, await guestCookie(other))).toBeNull()
  })

  it('is found behind a false one of the same name', async () => {
    expect(await principalOf(chatr, `chatr_session=x.y; ${await guestCookie(chatr)}`)).not.toBeNull()
  })

  it('is nothing after the session has run out', async () => {
    await using short = await startTestChatr({ CHATR_SESSION_DAYS: '1' })
    const cookie = await guestCookie(short)
    short.clock.now += 86_400_000
    expect(await principalOf(short, cookie)).toBeNull()
  })
})

describe('signing out', () => {
  it('clears the cookie, goes to the sign-in page, and leaves nothing to replay', async () => {
    const cookie = await guestCookie(chatr)
    const response = await chatr.fetch('/.auth/logout', { headers: { cookie } })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/login')
    expect(response.headers.getSetCookie()[0]).toMatch(/^chatr_session=; .*Max-Age=0$/)
    expect(await principalOf(chatr, cookie)).toBeNull()
  })

  it('goes to a place on this site only', async () => {
    const locationAfter = async (uri: string) => {
      const response = await chatr.fetch(`/.auth/logout?post_logout_redirect_uri=${encodeURIComponent(uri)}`)
      return response.headers.get('location')
    }
    expect(await locationAfter('/login.html?bye')).toBe('/login.html?bye')
    expect(await locationAfter('//evil.example')).toBe('/login')
    expect(await locationAfter('https://evil.example')).toBe('/login')
  })

  it('happens by no HEAD', async () => {
    const cookie = await guestCookie(chatr)
    expect((await chatr.fetch('/.auth/logout', { method: 'HEAD', headers: { cookie } })).status).toBe(405)
    expect(await principalOf(chatr, cookie)).not.toBeNull()
  })
})

describe('a guest', () => {
  it('is another person in another browser, under whatever name', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await principalOf(chatr, await guestCookie(chatr)))?.userId))
    expect(ids[0]).not.toBe(ids[1])
  })

  it('keeps his id under a new name, and his old cookie is nothing', async () => {
    const first = await guestCookie(chatr, 'Ada')
    const before = await principalOf(chatr, first)
    const second = await guestCookie(chatr, 'Countess', first)
    expect(await principalOf(chatr, second)).toMatchObject({ userId: before?.userId, userDetails: 'Countess' })
    expect(await principalOf(chatr, first)).toBeNull()
  })

  it('gets no id of an account that the browser was signed in with', async () => {
    const account = cookieOf(await chatr.post(github, { name: 'ada' }))
    const guest = await guestCookie(chatr, 'Ada', account)
    expect((await principalOf(chatr, guest))?.userId).toMatch(/^guest:/)
    expect(await principalOf(chatr, account)).toBeNull()
  })

  it('has a tidy name', async () => {
    const cookie = await guestCookie(chatr, '  Ada\u202e \n Lovelace ')
    expect(await principalOf(chatr, cookie)).toMatchObject({ userDetails: 'Ada Lovelace' })
  })

  it.each(['', '   ', '\u200b', 'x'.repeat(65)])('is sent back with the name %j', async (name) => {
    const response = await chatr.post('/.auth/login/guest', { name })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/login?error=name')
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('is told of a bad name in JSON where JSON is asked for', async () => {
    const response = await chatr.post('/.auth/login/guest', { name: '' }, { accept: 'application/json' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'BadRequest' } })
  })

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])(
    'is sent back with a body that is no form (%s)',
    async (type) => {
      const headers = { 'content-type': type }
      const response = await chatr.fetch('/.auth/login/guest', { method: 'POST', body: '{"name":"Ada"}', headers })
      expect(response.headers.get('location')).toBe('/login?error=name')
    },
  )

  it('is sent back with a form that is far too large', async () => {
    const response = await chatr.post('/.auth/login/guest', { name: 'Ada', more: 'x'.repeat(70_000) })
    expect(response.headers.get('location')).toBe('/login?error=name')
  })

  it('goes where he wanted to, on this site', async () => {
    const locationOf = (response: Response) => response.headers.get('location')
    const uri = '/chats/1?x=1'
    const query = `post_login_redirect_uri=${encodeURIComponent(uri)}`
    expect(locationOf(await chatr.post('/.auth/login/guest', { name: 'Ada' }))).toBe('/')
    expect(locationOf(await chatr.post('/.auth/login/guest', { name: 'Ada', post_login_redirect_uri: uri }))).toBe(uri)
    const whole = { name: 'Ada', post_login_redirect_uri: chatr.url + uri }
    expect(locationOf(await chatr.post('/.auth/login/guest', whole))).toBe(uri)
    expect(locationOf(await chatr.post(`/.auth/login/guest?${query}`, { name: 'Ada' }))).toBe(uri)
    expect(locationOf(await chatr.post(`/.auth/login/guest?${query}`, { name: '' }))).toBe(`/login?error=name&${query}`)
    for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
      const response = await chatr.post('/.auth/login/guest', { name: 'Ada', post_login_redirect_uri: evil })
      expect(locationOf(response)).toBe('/')
    }
  })

  it('is not let in where guests are off', async () => {
    await using closed = await startTestChatr({ CHATR_GUESTS: 'off' })
    expect((await closed.post('/.auth/login/guest', { name: 'Ada' })).status).toBe(404)
    expect((await closed.fetch('/.auth/login/guest')).status).toBe(404)
    expect(await (await closed.fetch('/login')).text()).not.toContain('data-provider="guest"')
  })
})

describe('an emulated provider', () => {
  it('shows the form of the client, which posts to where it is', async () => {
    const response = await chatr.fetch(`${github}?post_login_redirect_uri=/chats/1`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('<form method="post">')
    const signedIn = await chatr.post(`${github}?post_login_redirect_uri=/chats/1`, { name: 'Ada' })
    expect(signedIn.headers.get('location')).toBe('/chats/1')
  })

  it('knows a name again in every browser and in any letter case, and each provider has its own', async () => {
    const idOf = async (provider: string, name: string) => {
      const cookie = cookieOf(await chatr.post(`/.auth/login/${provider}`, { name }))
      return (await principalOf(chatr, cookie))?.userId
    }
    const ada = await idOf('github', 'Ada')
    expect(ada).toMatch(/^github:[0-9a-f]{32}$/)
    expect(await idOf('github', 'aDA')).toBe(ada)
    expect(await idOf('github', 'Ben')).not.toBe(ada)
    expect(await idOf('aad', 'Ada')).toMatch(/^aad:/)
    expect((await idOf('aad', 'Ada'))?.slice(4)).not.toBe(ada?.slice(7))
  })

  it('shows its form again with a bad name', async () => {
    const response = await chatr.post(github, { name: ' ', post_login_redirect_uri: '/chats/1' })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(`${github}?error=name&post_login_redirect_uri=%2Fchats%2F1`)
  })

  it.each(['google', 'facebook', '__proto__', 'toString', ''])('named %j is not here', async (provider) => {
    const response = await chatr.fetch(`/.auth/login/${provider}`)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('<h1>Not here</h1>')
  })

  it('that is not here says so in a page whose style is in a file', async () => {
    const page = await (await chatr.fetch('/.auth/login/google')).text()
    expect(page).not.toMatch(/<script|<style|style=|https?:/)
    const [, href = ''] = /rel="stylesheet" href="([^"]+)"/.exec(page) ?? []
    const style = await chatr.fetch(href)
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(await style.text()).toContain('color-scheme')
  })

  it('is off where the server listens to the network', async () => {
    await using open = await startTestChatr({ HOST: '0.0.0.0' })
    for (const provider of ['github', 'aad', 'twitter']) {
      expect((await open.fetch(`/.auth/login/${provider}`)).status).toBe(404)
      expect((await open.post(`/.auth/login/${provider}`, { name: 'Ada' })).status).toBe(404)
    }
    expect(await (await open.fetch('/login')).text()).not.toMatch(/github|aad|twitter|emulated/)
  })

  it('is on there when it is switched on by name', async () => {
    await using open = await startTestChatr({ HOST: '0.0.0.0', CHATR_EMULATED_SIGN_IN: 'github' })
    expect((await open.fetch(github)).status).toBe(200)
    expect((await open.fetch('/.auth/login/aad')).status).toBe(404)
    const login = await (await open.fetch('/login')).text()
    expect(login).toMatch(/data-provider="github"/)
    expect(login).toMatch(/data-emulated/)
    expect(login).not.toMatch(/aad|twitter/)
  })

  it('is off on loopback under a name that is not', async () => {
    const headers = { host: 'rebound.evil.example' }
    expect((await chatr.fetch(github, { headers })).status).toBe(404)
    expect(
      (await chatr.post(github, { name: 'Ada' }, { ...headers, origin: 'http://rebound.evil.example' })).status,
    ).toBe(404)
    expect(await (await chatr.fetch('/login', { headers })).text()).not.toContain('github')
  })
})

describe('a form from another site', () => {
  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
  ])('is refused (%j)', async (headers) => {
    for (const path of ['/.auth/login/guest', github]) {
      const response = await chatr.post(path, { name: 'Ada' }, headers)
      expect(response.status).toBe(403)
      expect(response.headers.getSetCookie()).toEqual([])
    }
  })

  it('is refused in JSON where JSON is asked for', async () => {
    const headers = { origin: 'https://evil.example', accept: 'application/json' }
    const response = await chatr.post('/.auth/login/guest', { name: 'Ada' }, headers)
    expect(await response.json()).toMatchObject({ error: { code: 'Forbidden' } })
  })

  it('is not believed to be ours for what a proxy header says', async () => {
    const headers = { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    expect((await chatr.post('/.auth/login/guest', { name: 'Ada' }, headers)).status).toBe(403)
  })
})
