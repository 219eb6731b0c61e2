import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { assetText, guestCookie, startTestChatr, type TestChatr } from '../testing.ts'

let chatr: TestChatr
let cookie: string
beforeAll(async () => {
  chatr = await startTestChatr()
  cookie = await guestCookie(chatr)
})
afterAll(() => chatr[Symbol.asyncDispose]())

const asset = '/assets/app-1234.js'
const plain = { 'accept-encoding': 'identity' }

/** The answer to a request whose path no client library would send as it is. */
function rawGet(path: string, { method = 'GET', host = 'localhost' } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const { port } = new URL(chatr.url)
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

describe('the app', () => {
  it('is shown to whoever is signed in, at every place inside of it', async () => {
    for (const path of ['/', '/chats/1', '/a/b/c?x=1']) {
      const response = await chatr.fetch(path, { headers: { cookie } })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toContain('the app')
    }
  })

  it('sends everyone else to the sign-in page, which knows where he wanted to go', async () => {
    const locationOf = async (path: string) => (await chatr.fetch(path)).headers.get('location')
    expect(await locationOf('/')).toBe('/login')
    expect(await locationOf('/chats/1?x=1')).toBe('/login?post_login_redirect_uri=%2Fchats%2F1%3Fx%3D1')
    expect(await locationOf('/index.html')).toBe('/')
  })

  it('is answered with 304 to a browser that has it', async () => {
    const first = await chatr.fetch('/', { headers: { cookie } })
    const etag = first.headers.get('etag') ?? ''
    const again = await chatr.fetch('/', { headers: { cookie, 'if-none-match': `"x", W/${etag}` } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })
})

describe('the sign-in page', () => {
  it('offers what is open here and nothing else', async () => {
    const html = await (await chatr.fetch('/login')).text()
    for (const provider of ['guest', 'github', 'aad', 'twitter']) expect(html).toContain(`data-provider="${provider}"`)
    expect(html).toContain('data-emulated')
    expect(html).not.toContain('google')
  })

  it('sends whoever is signed in to the app', async () => {
    const response = await chatr.fetch('/login', { headers: { cookie } })
    expect(response.headers.get('location')).toBe('/')
    const wish = await chatr.fetch('/login?post_login_redirect_uri=/chats/1', { headers: { cookie } })
    expect(wish.headers.get('location')).toBe('/chats/1')
  })

  it('is found under its old name', async () => {
    expect((await chatr.fetch('/login.html?error=name')).headers.get('location')).toBe('/login?error=name')
  })

  it('comes compressed, and not again to a browser that has it', async () => {
    const first = await chatr.fetch('/login', { headers: { 'accept-encoding': 'gzip' } })
    expect(await first.text()).toContain('the sign-in page')
    expect(first.headers.get('vary')).toBe('accept-encoding')
    const headers = { 'accept-encoding': 'gzip', 'if-none-match': first.headers.get('etag') ?? '' }
    expect((await chatr.fetch('/login', { headers })).status).toBe(304)
  })
})

describe('a file', () => {
  it('is there without sign-in, for a year, with its type', async () => {
    const response = await chatr.fetch(asset, { headers: plain })
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(await response.text()).toBe(assetText)
  })

  it.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br;q=0', 'gzip'],
    ['gzip', 'gzip'],
    ['*', 'br'],
    ['br;q=0, gzip;q=0.0', null],
    ['identity', null],
  ])('for %j comes as %s', async (accepted, encoding) => {
    const response = await fetch(chatr.url + asset, { headers: { 'accept-encoding': accepted }, decompress: false })
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toBe('accept-encoding')
    const whole = Number(response.headers.get('content-length'))
    if (encoding === null) expect(whole).toBe(assetText.length)
    else expect(whole).toBeLessThan(assetText.length)
  })

  it('has a tag for each encoding', async () => {
    const tagOf = async (accepted: string) =>
      (await chatr.fetch(asset, { headers: { 'accept-encoding': accepted } })).headers.get('etag') ?? ''
    const tags = [await tagOf('br'), await tagOf('gzip'), await tagOf('identity')]
    expect(new Set(tags).size).toBe(3)
    const headers = { 'accept-encoding': 'br', 'if-none-match': tags[0] ?? '' }
    expect((await chatr.fetch(asset, { headers })).status).toBe(304)
    expect((await chatr.fetch(asset, { headers: { ...headers, 'accept-encoding': 'gzip' } })).status).toBe(200)
  })

  it('has the type that browsers want', async () => {
    const typeOf = async (path: string) => (await chatr.fetch(path)).headers.get('content-type')
    expect(await typeOf('/favicon.svg')).toBe('image/svg+xml')
    expect(await typeOf('/manifest.webmanifest')).toBe('application/manifest+json')
  })

  it('answers HEAD with its headers alone', async () => {
    const answer = await rawGet(asset, { method: 'HEAD' })
    expect(answer).toStartWith('HTTP/1.1 200 OK')
    expect(answer.toLowerCase()).toContain(`content-length: ${assetText.length}\r\n`)
    expect(answer).toEndWith('\r\n\r\n')
    expect(answer).not.toContain('greeting')
  })

  it('can only be read', async () => {
    const response = await chatr.fetch(asset, { method: 'PUT', body: 'x' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  it.each(['/assets/none.js', '/assets/none', '/none.png', '/.vite/manifest.json', '/assets/app-1234.js.br'])(
    'that is not served (%s) is answered with 404',
    async (path) => {
      const response = await chatr.fetch(path, { headers: { cookie } })
      expect(response.status).toBe(404)
    },
  )

  it.each([
    '/../outside.txt',
    '/assets/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/..%5coutside.txt',
    '//outside.txt',
    '/assets/%00.js',
    '/assets/%ff.js',
    '/linked.txt',
  ])('outside of the client (%s) is never read', async (path) => {
    const answer = await rawGet(path)
    expect(answer).toMatch(/^HTTP\/1.1 (404|400)/)
    expect(answer).not.toContain('nobody may read this')
  })

  it('of a new build is there without a restart', async () => {
    await using fresh = await startTestChatr()
    symlinkSync(join(fresh.folder, 'outside.txt'), join(fresh.clientFolder, 'linked.txt'))
    writeFileSync(join(fresh.clientFolder, 'assets/app-5678.js'), 'new')
    rmSync(join(fresh.clientFolder, asset))
    writeFileSync(join(fresh.clientFolder, 'index.html'), 'the new app')
    const headers = { cookie: await guestCookie(fresh) }
    expect(await (await fresh.fetch('/', { headers })).text()).toBe('the new app')
    expect(await (await fresh.fetch('/assets/app-5678.js')).text()).toBe('new')
    expect((await fresh.fetch(asset)).status).toBe(404)
    expect((await fresh.fetch('/linked.txt')).status).toBe(404)
  })
})

describe('every answer', () => {
  it.each(['/', '/login', asset, '/none.png', '/.auth/me', '/.auth/login/github', '/api/health', '/api/none'])(
    'has the security headers (%s)',
    async (path) => {
      const { headers } = await chatr.fetch(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:")
      expect(policy).toContain(`connect-src 'self' ${chatr.url.replace('http', 'ws')};`)
      expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('permissions-policy')).toContain('camera=()')
    },
  )

  it.each(['', 'a b', '%%%', 'x/../y', 'me@here', '[::1', 'x:99999'])(
    'is a short refusal where the host is no host (%j)',
    async (host) => {
      const answer = await rawGet('/login', { host })
      expect(answer).toMatch(/^HTTP\/1.1 400/)
      expect(answer.length).toBeLessThan(500)
    },
  )

  it('lets no host name end a directive of the policy', async () => {
    const { headers } = await chatr.fetch('/login', { headers: { host: "x;script-src'unsafe-inline'" } })
    expect(headers.get('content-security-policy') ?? '').not.toContain('unsafe-inline')
  })
})
