import { beforeEach, describe, expect, it } from 'bun:test'
import { type House, openHouse, serviceKey } from '../testing/house.ts'

// webpubsub.md, appendix B.
const keys = [serviceKey, 'local-dev-key-secondary-0123456789abcde']
const connectionId = '0f6c1f5d2b7a4e5c9a3d8b1e6c4f7a20'
const primary = 'sha256=9f55ac1cbac61792c99ac93d767e6979ac9ede9390ded40266909264c48fd6e7'
const secondary = 'sha256=eeff4698149a17e3c139bbb8dd279797b2bc8d0170b176b0b11155fac3a6bb33'

let house: House
beforeEach(async () => {
  house = openHouse({ webhook: { keys, allowedOrigin: 'contoso.webpubsub.azure.com' } })
  await house.store.saveUser({ userId: 'ana', userName: 'Ana', userProvider: 'guest' })
})

interface CloudEvent {
  type: string
  headers?: Record<string, string | undefined>
  contentType?: string
  body?: string
}

function post({ type, headers = {}, contentType = 'application/json; charset=utf-8', body = '{}' }: CloudEvent) {
  const all: Record<string, string | undefined> = {
    'Content-Type': contentType,
    'WebHook-Request-Origin': 'contoso.webpubsub.azure.com',
    'ce-specversion': '1.0',
    'ce-awpsversion': '1.0',
    'ce-type': `azure.webpubsub.${type}`,
    'ce-hub': 'chat',
    'ce-connectionId': connectionId,
    'ce-userId': 'ana',
    'ce-signature': `${primary},${secondary}`,
    ...headers,
  }
  const present = Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined)
  const request = new Request('http://localhost/api/eventHandler', { method: 'POST', headers: present, body })
  return house.api.fetch(request)
}

describe('the signature', () => {
  for (const signature of [
    `${primary},${secondary}`,
    primary,
    secondary,
    primary.toUpperCase().replace('SHA', 'sha'),
    `sha256=${'0'.repeat(64)}, ${primary}`,
  ]) {
    it(`is good as ${signature.slice(0, 24)}… of ${signature.length} characters`, async () => {
      expect((await post({ type: 'sys.connected', headers: { 'ce-signature': signature } })).status).toBe(204)
      expect(await house.store.connectionsOf('ana')).toEqual([connectionId])
    })
  }

  const bad: [what: string, headers: Record<string, string | undefined>][] = [
    ['missing', { 'ce-signature': undefined }],
    ['empty', { 'ce-signature': '' }],
    ['that of another connection', { 'ce-connectionId': 'another' }],
    ['of a connection without id', { 'ce-connectionId': undefined }],
    ['cut short', { 'ce-signature': primary.slice(0, -2) }],
    ['by another key', { 'ce-signature': `sha256=${'ab'.repeat(32)}` }],
    ['without its algorithm', { 'ce-signature': primary.replace('sha256=', '') }],
  ]
  for (const [what, headers] of bad) {
    it(`is refused with 401 and nothing done when it is ${what}`, async () => {
      for (const type of ['sys.connect', 'sys.connected', 'user.createChat']) {
        const body = JSON.stringify({ id: 'c', name: 'C' })
        expect((await post({ type, headers, body })).status).toBe(401)
      }
      expect(await house.store.onlineUsers()).toEqual([])
      expect(await house.store.findChat('c')).toBeUndefined()
    })
  }

  it('is good for nothing where no service is configured', async () => {
    house = openHouse()
    expect((await post({ type: 'sys.connect' })).status).toBe(401)
  })
})

describe('a CloudEvent', () => {
  it('connect is answered with groups, roles, user and a state that comes back', async () => {
    await house.store.createChat({
      id: 'c',
      name: 'C',
      kind: 'group',
      history: 'kept',
      owner: { userId: 'ana', userName: 'Ana' },
      entryId: 'e1',
      at: '2026-01-01T00:00:00.000Z',
    })
    const response = await post({
      type: 'sys.connect',
      body: '{"claims":{},"query":{},"headers":{},"subprotocols":[]}',
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ groups: ['c'], roles: ['webpubsub.sendToGroup.c'], userId: 'ana' })
    expect(atob(response.headers.get('ce-connectionState') ?? '')).toBe('ids c')
  })

  it('connect of somebody unknown is refused with 401', async () => {
    expect((await post({ type: 'sys.connect', headers: { 'ce-userId': 'nobody' } })).status).toBe(401)
    expect((await post({ type: 'sys.connect', headers: { 'ce-userId': undefined } })).status).toBe(401)
  })

  it('connected and disconnected count the connection', async () => {
    await post({ type: 'sys.connected' })
    expect(await house.store.onlineUsers()).toHaveLength(1)
    expect((await post({ type: 'sys.disconnected', body: '{"reason":"gone"}' })).status).toBe(204)
    expect(await house.store.onlineUsers()).toEqual([])
  })

  it('of a user is answered with 204 when it is done', async () => {
    const response = await post({ type: 'user.createChat', body: '{"id":"c","name":"C"}' })
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(await house.store.findChat('c')).toMatchObject({ owner: 'ana' })
  })

  it('of a user is answered with 200 and `failed` when it is refused', async () => {
    const response = await post({ type: 'user.joinChat', contentType: 'text/plain; charset=utf-8', body: 'none' })
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json;charset=utf-8'])
    const data = { event: 'joinChat', ref: 'none', code: 'NotFound' }
    expect(await response.json()).toMatchObject({ chatEvent: 'failed', data })
  })

  it('of a user with bytes that say nothing is answered with `failed`', async () => {
    const response = await post({ type: 'user.joinChat', contentType: 'application/octet-stream', body: 'c' })
    expect(await response.json()).toMatchObject({ data: { code: 'BadRequest' } })
  })

  it('of an unknown type or for another hub is refused with 400', async () => {
    expect((await post({ type: 'sys.rebooted' })).status).toBe(400)
    expect((await post({ type: 'sys.connected', headers: { 'ce-hub': 'other' } })).status).toBe(400)
    expect((await post({ type: 'sys.connected', headers: { 'ce-hub': 'CHAT' } })).status).toBe(204)
  })

  it('is answered with 503 in an outage, so that the service tries again', async () => {
    await house.store.close()
    expect((await post({ type: 'sys.connected' })).status).toBe(503)
    expect(house.logged).toHaveLength(1)
  })
})

describe('OPTIONS', () => {
  const ask = (origin: string | undefined) =>
    house.api.fetch(
      new Request('http://localhost/api/eventHandler', {
        method: 'OPTIONS',
        headers: origin === undefined ? {} : { 'WebHook-Request-Origin': origin },
      }),
    )

  for (const origin of [
    'contoso.webpubsub.azure.com',
    'Contoso.webpubsub.azure.com:443',
    'other.example, contoso.webpubsub.azure.com',
  ]) {
    it(`allows ${origin}`, async () => {
      const response = await ask(origin)
      expect(response.status).toBe(200)
      expect(response.headers.get('WebHook-Allowed-Origin')).toBe('contoso.webpubsub.azure.com')
    })
  }

  for (const origin of [undefined, '', '*', 'evil.example', 'contoso.webpubsub.azure.com.evil.example']) {
    it(`refuses ${origin ?? 'a request without an origin'}`, async () => {
      const response = await ask(origin)
      expect([response.status, response.headers.has('WebHook-Allowed-Origin')]).toEqual([401, false])
    })
  }

  it('refuses everyone where no service is configured', async () => {
    house = openHouse()
    expect((await ask('contoso.webpubsub.azure.com')).status).toBe(401)
  })
})
