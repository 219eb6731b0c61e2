import {
  ChatsResponse,
  ErrorResponse,
  HealthResponse,
  MessagesResponse,
  TokenResponse,
  UsersResponse,
} from '@chatr/protocol'
import { beforeEach, describe, expect, it } from 'bun:test'
import { type House, openHouse, principalHeaders } from '../testing/house.ts'

let house: House
beforeEach(() => {
  house = openHouse()
})

async function errorOf(response: Response) {
  const { error } = ErrorResponse.parse(await response.json())
  return [response.status, error.code]
}
const fetchWith = (path: string, init: RequestInit) => house.api.fetch(new Request(`http://localhost${path}`, init))
const routes = ['/api/getToken', '/api/users', '/api/chats', '/api/chats/c/messages']

describe('every route', () => {
  for (const path of routes) {
    it(`answers 401 at ${path} to whoever is not signed in`, async () => {
      expect(await errorOf(await house.get(path))).toEqual([401, 'Unauthorized'])
    })
  }

  const forged: [what: string, header: string][] = [
    ['no base64', '§§§'],
    ['no JSON', btoa('ana')],
    ['no principal', btoa('{"userId":"ana"}')],
    ['an empty user id', principalHeaders('')['x-ms-client-principal'] ?? ''],
    ['no UTF-8', btoa('\xff\xfe')],
  ]
  for (const [what, header] of forged) {
    it(`answers 401 to a principal that is ${what}`, async () => {
      const response = await fetchWith('/api/users', { headers: { 'x-ms-client-principal': encodeURI(header) } })
      expect(await errorOf(response)).toEqual([401, 'Unauthorized'])
    })
  }

  it('answers an unknown path with 404 and a wrong method with 405 and those that are allowed', async () => {
    for (const path of ['/', '/api', '/api/getTokens', '/api/chats/c/messages/1', '/api/chats//messages']) {
      expect(await errorOf(await house.get(path, 'ana'))).toEqual([404, 'NotFound'])
    }
    const response = await fetchWith('/api/eventHandler', { method: 'PUT' })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
    expect((await fetchWith('/api/users', { method: 'POST' })).headers.get('Allow')).toBe('GET')
  })

  it('is never cached', async () => {
    for (const path of [...routes, '/api/health', '/none']) {
      expect((await house.get(path, 'ana')).headers.get('Cache-Control')).toBe('no-store')
    }
  })

  it('answers 503 and logs once when the store cannot answer', async () => {
    await house.store.close()
    expect(await errorOf(await house.get('/api/chats', 'ana'))).toEqual([503, 'Unavailable'])
    expect(house.logged).toMatchObject([{ level: 'error', event: 'outage', at: 'http', path: '/api/chats' }])
    expect((await house.get('/api/health')).status).toBe(503)
  })
})

describe('GET /api/health', () => {
  it('is for everyone', async () => {
    const response = await house.get('/api/health')
    expect(HealthResponse.parse(await response.json())).toEqual({ status: 'ok', version: '1.2.3' })
  })
})

describe('GET /api/getToken', () => {
  it('gives the signed-in user his token, and remembers him', async () => {
    const response = await house.get('/api/getToken?userId=ana', 'ana')
    expect(response.status).toBe(200)
    expect(TokenResponse.parse(await response.json())).toEqual({
      token: 'token-of-ana',
      baseUrl: 'wss://contoso.webpubsub.azure.com/client/hubs/chat',
      url: 'wss://contoso.webpubsub.azure.com/client/hubs/chat?access_token=token-of-ana',
      settings: { idleAfterSeconds: 60 },
    })
    expect(await house.store.findUser('ana')).toEqual({ userId: 'ana', userName: 'ANA', userProvider: 'guest' })
  })

  it("refuses another user's token", async () => {
    expect(await errorOf(await house.get('/api/getToken?userId=ben', 'ana'))).toEqual([403, 'Forbidden'])
    expect(await house.store.findUser('ben')).toBeUndefined()
  })

  it('names the address that the browser used, where one is given', async () => {
    house = openHouse({ publicOrigin: (request) => new URL(request.url).origin })
    const { url, baseUrl } = TokenResponse.parse(await (await house.get('/api/getToken', 'ana')).json())
    expect(url).toBe('ws://localhost/client/hubs/chat?access_token=token-of-ana')
    expect(baseUrl).toBe('ws://localhost/client/hubs/chat')
  })

  const names: [userDetails: string, userName: string][] = [
    ['  Ana \u202e Müller ', 'Ana Müller'],
    ['', 'ana'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ]
  for (const [userDetails, userName] of names) {
    it(`makes the name ${JSON.stringify(userName.slice(0, 12))} of ${JSON.stringify(userDetails.slice(0, 20))}`, async () => {
      await fetchWith('/api/getToken', { headers: principalHeaders('ana', { userDetails }) })
      expect((await house.store.findUser('ana'))?.userName).toBe(userName)
    })
  }

  it('tells everyone the new name of somebody who is online', async () => {
    await house.enter('ana')
    await house.enter('ben')
    await house.ask('ana', 'userEnterIdle')
    house.pubsub.received('ben')
    await fetchWith('/api/getToken', { headers: principalHeaders('ana', { userDetails: 'Anna' }) })
    const data = { userId: 'ana', userName: 'Anna', userProvider: 'guest', idle: true }
    expect(house.pubsub.received('ben')).toEqual([{ chatEvent: 'userOnline', data }])
    await fetchWith('/api/getToken', { headers: principalHeaders('ana', { userDetails: 'Anna' }) })
    expect(house.pubsub.received('ben')).toEqual([])
  })
})

describe('GET /api/users', () => {
  it('lists who is online, even under a name that objects have already', async () => {
    for (const userId of ['ana', 'ben', '__proto__']) await house.enter(userId)
    await house.exit('ben')
    const text = await (await house.get('/api/users', 'ana')).text()
    const { users } = UsersResponse.parse(JSON.parse(text))
    expect(users['ana']).toEqual({ userId: 'ana', userName: 'ANA', userProvider: 'guest', idle: false })
    expect(text).toContain('"__proto__":{"userId":"__proto__"')
    expect(text).not.toContain('"ben"')
  })
})

describe('chats over HTTP', () => {
  beforeEach(async () => {
    for (const userId of ['ana', 'ben', 'eve']) await house.enter(userId)
    await house.ask('ana', 'createChat', { id: 'c', name: 'C' })
    await house.ask('ana', 'createPrivateChat', { targetUserId: 'ben' })
    for (const id of ['m1', 'm2', 'm3']) await house.ask('ana', 'sendMessage', { chatId: 'c', id, text: id })
  })
  const privateId = async () => (await house.store.chatIdsOf('ben'))[0] ?? ''

  it('lists the group chats and the private ones of the caller', async () => {
    const chatsFor = async (userId: string) =>
      ChatsResponse.parse(await (await house.get('/api/chats', userId)).json()).chats
    expect(Object.keys(await chatsFor('eve'))).toEqual(['c'])
    expect(Object.keys(await chatsFor('ben')).toSorted()).toEqual(['c', await privateId()])
    expect((await chatsFor('ana'))['c']).toMatchObject({ rev: 4, unread: 0, last: { text: 'm3' } })
    expect((await chatsFor('eve'))['c']).not.toContainAnyKeys(['readPos', 'unread', 'last'])
  })

  const pages: [query: string, pos: number[], more: boolean][] = [
    ['', [1, 2, 3, 4], false],
    ['?limit=2', [3, 4], true],
    ['?before=3&limit=1', [2], true],
    ['?after=2', [3, 4], false],
    ['?around=3&limit=2', [2, 3], true],
    ['?since=3', [4], false],
  ]
  for (const [query, pos, more] of pages) {
    it(`gives the entries ${pos.join(', ')} for the query "${query}"`, async () => {
      const page = MessagesResponse.parse(await (await house.get(`/api/chats/c/messages${query}`, 'ana')).json())
      expect([page.messages.map((message) => message.pos), page.rev, page.more]).toEqual([pos, 4, more])
    })
  }

  for (const query of ['before=x', 'since=-1', 'limit=0', 'limit=201', 'before=', 'around=1.5']) {
    it(`refuses ${query} and names the parameter`, async () => {
      const response = await house.get(`/api/chats/c/messages?${query}`, 'ana')
      const { error } = ErrorResponse.parse(await response.json())
      expect([response.status, error.code]).toEqual([400, 'BadRequest'])
      expect(error.message).toStartWith(`${query.split('=')[0]}: `)
    })
  }

  it('refuses two positions at once', async () => {
    const response = await house.get('/api/chats/c/messages?before=3&since=1', 'ana')
    expect(ErrorResponse.parse(await response.json()).error.message).toContain('at most one')
  })

  it('refuses a group chat to whoever is not in it', async () => {
    expect(await errorOf(await house.get('/api/chats/c/messages', 'eve'))).toEqual([403, 'Forbidden'])
  })

  it('answers a private chat of others exactly like one that is not there', async () => {
    const others = await house.get(`/api/chats/${await privateId()}/messages`, 'eve')
    const missing = await house.get('/api/chats/private-none/messages', 'eve')
    expect([others.status, await others.text()]).toEqual([404, await missing.text()])
    for (const path of ['%20', '%', 'a%2Fb', 'constructor']) {
      expect((await house.get(`/api/chats/${path}/messages`, 'eve')).status).toBe(404)
    }
    expect((await house.get(`/api/chats/${await privateId()}/messages`, 'ben')).status).toBe(200)
  })
})
