import { describe, expect, it } from 'bun:test'
import { refusalOf } from './access.ts'
import { startInspected } from './testing.ts'

const from = (address: string) => ({ requestIP: () => ({ address, family: 'IPv4' as const, port: 1 }) })
const request = (headers: Record<string, string>, method = 'GET', path = '/') =>
  new Request(`http://localhost:8080${path}`, { method, headers: { host: 'localhost:8080', ...headers } })

describe('an inspector for this machine', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('answers %s', (address) => {
    expect(refusalOf(request({}), from(address), 'loopback')).toBeUndefined()
  })

  it.each(['192.0.2.7', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '1127.0.0.1', ''])('refuses %s', (address) => {
    expect(refusalOf(request({}), from(address), 'loopback')).toContain('this machine only')
  })

  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:9', '[::1]:8080'])('answers to the name %s', (host) => {
    expect(refusalOf(request({ host }), from('127.0.0.1'), 'loopback')).toBeUndefined()
  })

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'localhost:8080@evil', '192.0.2.7'])(
    'refuses the name %s, which a stranger may point here',
    (host) => expect(refusalOf(request({ host }), from('127.0.0.1'), 'loopback')).toContain('localhost only'),
  )

  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])('refuses what a proxy passes on with %s', (name) => {
    expect(refusalOf(request({ [name]: '192.0.2.7' }), from('127.0.0.1'), 'loopback')).toContain('no proxy')
  })

  it('refuses over a real socket by the Host header', async () => {
    await using service = startInspected()
    expect((await service.get('/', { Host: 'evil.example' })).status).toBe(403)
    expect((await service.get('/inspector/api/feed', { Host: 'evil.example' })).status).toBe(403)
    expect((await service.get('/')).status).toBe(200)
  })
})

describe('an inspector that is on', () => {
  it('answers any peer under any name', () => {
    expect(refusalOf(request({ host: 'pubsub.example' }), from('192.0.2.7'), 'on')).toBeUndefined()
  })

  it('refuses other sites as well', () => {
    const asked = request({ host: 'pubsub.example', origin: 'https://evil.example' }, 'POST', '/inspector/api/close')
    expect(refusalOf(asked, from('192.0.2.7'), 'on')).toContain('its own page only')
  })
})

describe('other sites', () => {
  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:3000' },
  ])('may do nothing: %p', async (headers) => {
    await using service = startInspected()
    const client = await service.join()
    const body = { hub: 'chat', connectionId: client.connectionId }
    expect((await service.act('close', body, headers)).status).toBe(403)
    expect((await service.get('/inspector/api/feed', headers)).status).toBe(403)
    expect(await service.pubsub.service('chat').connectionExists(client.connectionId)).toBe(true)
  })

  it('may link to the page, and to nothing else', () => {
    const visit = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }
    const loopback = from('127.0.0.1')
    expect(refusalOf(request(visit), loopback, 'loopback')).toBeUndefined()
    expect(refusalOf(request(visit, 'GET', '/inspector/api/feed'), loopback, 'loopback')).toBeDefined()
    expect(refusalOf(request(visit, 'POST'), loopback, 'loopback')).toBeDefined()
  })

  it('cannot send a form: only JSON is taken', async () => {
    await using service = startInspected()
    const { status } = await service.act(
      'token',
      { hub: 'chat', roles: [], groups: [] },
      { 'Content-Type': 'text/plain' },
    )
    expect(status).toBe(400)
  })

  it('get no permission to read an answer', async () => {
    await using service = startInspected()
    for (const path of ['/', '/inspector/page.js', '/inspector/nothing']) {
      const { headers } = await service.get(path)
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
  })
})

describe('the page', () => {
  it('allows no inline script or style, and has none', async () => {
    await using service = startInspected()
    const response = await service.get('/')
    const html = await response.text()
    expect(response.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    )
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/i)
    expect(html).not.toMatch(/https?:\/\//)
  })

  it('is bundled once, compressed, and small', async () => {
    await using service = startInspected()
    const first = await fetch(`${service.url}/inspector/page.js`, {
      decompress: false,
      headers: { 'Accept-Encoding': 'gzip, br' },
    })
    const bytes = (await first.arrayBuffer()).byteLength
    expect(first.headers.get('content-encoding')).toBe('gzip')
    expect(bytes).toBeLessThan(25_000)
    const again = await service.get('/inspector/page.js', { 'If-None-Match': first.headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
  })

  it('leaves all other paths to others', async () => {
    await using service = startInspected()
    expect(
      service.inspector.fetch(new Request('http://localhost/api/health'), from('127.0.0.1') as never),
    ).toBeUndefined()
    expect((await service.get('/inspector/page/main.ts')).status).toBe(404)
    expect((await service.get('/inspector/../../package.json')).status).toBe(404)
  })
})
