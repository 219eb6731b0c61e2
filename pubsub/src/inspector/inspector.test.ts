import { describe, expect, it } from 'bun:test'
import { connect } from '../testing/client.ts'
import { json, reliableJson, until } from '../testing/service.ts'
import { feedLimits } from './feed.ts'
import { startInspected } from './testing.ts'

const roles = ['webpubsub.joinLeaveGroup.lobby', 'webpubsub.sendToGroup', 'webpubsub.joinLeaveGroups.a\\*b?.**']

describe('the feed', () => {
  it('counts what is there', async () => {
    await using service = startInspected()
    await service.join({ userId: 'ana', groups: ['lobby', 'goats'] })
    await service.join({ userId: 'ana', groups: ['lobby'] })
    await service.join({ hub: 'other' })
    const page = await service.watch()
    const { service: whole, hubs } = await page.until(({ hubs }) => hubs[0]?.now[0] === 2 && hubs[1]?.now[0] === 1)
    expect(whole).toMatchObject({ connections: 3, endpoint: 'http://localhost:8080', isDraining: false })
    expect(hubs).toMatchObject([
      { name: 'chat', groups: 2, users: 1, handler: 'none', allowsAnonymous: false, opened: 2 },
      { name: 'other', groups: 0, users: 0, opened: 1 },
    ])
  })

  it('tells the past once, then adds a sample at a time', async () => {
    await using service = startInspected()
    await service.join()
    const page = await service.watch()
    expect((await page.next()).past).toHaveProperty('chat')
    expect((await page.next()).past).toBeUndefined()
    const other = await (await service.watch()).next()
    expect(other.past?.['chat']?.length).toBeGreaterThan(0)
  })

  it('counts refused handshakes by their status', async () => {
    await using service = startInspected()
    await connect(`${service.url.replace('http', 'ws')}/client/hubs/chat`, [json]).catch(() => {})
    const page = await service.watch()
    const { hubs } = await page.next()
    expect(hubs[0]?.refused).toEqual({ '401': 1 })
  })

  it('shows rates of what clients send and get', async () => {
    await using service = startInspected({ everyMs: 50 })
    const client = await service.join()
    const page = await service.watch()
    client.send({ type: 'ping' })
    const { hubs } = await page.until(({ hubs }) => (hubs[0]?.now[1] ?? 0) > 0)
    expect(hubs[0]?.now[3]).toBeGreaterThan(0)
    expect(hubs[0]?.now[2]).toBeGreaterThan(0)
  })

  it('lists connections a page at a time', async () => {
    await using service = startInspected()
    const many = feedLimits.pageRows + 7
    for (let at = 0; at < many; at++) await service.join({ userId: `user${at}` })
    const first = (await (await service.watch('?hub=chat&tab=connections')).next()).connections
    expect(first?.total).toBe(many)
    expect(first?.rows).toHaveLength(feedLimits.pageRows)
    expect(first?.rows[0]?.userId).toBe(`user${many - 1}`)
    const last = (await (await service.watch('?hub=CHAT&tab=connections&page=99')).next()).connections
    expect(last).toMatchObject({ page: 1, total: many })
    expect(last?.rows.at(-1)?.userId).toBe('user0')
  })

  it('finds connections by user, group, and how their id begins', async () => {
    await using service = startInspected()
    const ana = await service.join({ userId: 'Ana Silva' })
    await service.join({ userId: 'ben', groups: ['Goats'] })
    await service.join({})
    const found = async (search: string) => {
      const page = await service.watch(`?hub=chat&search=${encodeURIComponent(search)}`)
      return (await page.next()).connections?.rows.map(({ userId }) => userId)
    }
    expect(await found('silva')).toEqual(['Ana Silva'])
    expect(await found('goat')).toEqual(['ben'])
    expect(await found(ana.connectionId.slice(0, 12))).toEqual(['Ana Silva'])
    expect(await found('nobody')).toEqual([])
  })

  it('describes the chosen connection', async () => {
    await using service = startInspected()
    const client = await service.join({ userId: 'ana', groups: ['lobby'], roles, protocol: reliableJson })
    await service.pubsub.service('chat').sendToConnection(client.connectionId, { a: 1 })
    const page = await service.watch(`?hub=chat&connection=${client.connectionId}`)
    expect((await page.next()).connection).toMatchObject({
      id: client.connectionId,
      userId: 'ana',
      subprotocol: reliableJson,
      state: 'attached',
      groupNames: ['lobby'],
      lastSequenceId: 1,
      unconfirmed: 1,
      permissions: {
        joinLeaveGroup: { all: false, allowed: ['lobby'], denied: [], patterns: ['a\\*b?.**'] },
        sendToGroup: { all: true },
      },
    })
  })

  it('shows frames in both directions, each once, with secrets masked', async () => {
    await using service = startInspected()
    const client = await service.join({ userId: 'ana', groups: ['lobby'] })
    const page = await service.watch(`?hub=chat&connection=${client.connectionId}`)
    await page.next()
    client.send({ type: 'ping' })
    const { frames } = await page.until(({ frames }) => (frames?.length ?? 0) > 0)
    const rest =
      frames?.length === 2 ? [] : ((await page.until(({ frames }) => (frames?.length ?? 0) > 0)).frames ?? [])
    expect([...(frames ?? []), ...rest]).toMatchObject([
      { number: 1, direction: 'in', text: '{"type":"ping"}', bytes: 15 },
      { number: 2, direction: 'out', text: '{"type":"pong"}' },
    ])
    await service.pubsub.service('chat').group('lobby').sendToAll({ password: 'hunter2', text: 'hi' })
    const [secret] = (await page.until(({ frames }) => (frames?.length ?? 0) > 0)).frames ?? []
    expect(secret?.text).toContain('"password":"•••","text":"hi"')
  })

  it('masks the reconnection token of a connected frame', async () => {
    await using service = startInspected()
    const first = await service.watch()
    await first.next()
    const client = await service.join({ protocol: reliableJson })
    const page = await service.watch(`?hub=chat&connection=${client.connectionId}`)
    const [connected] = (await page.next()).frames ?? []
    expect(connected?.text).toContain('"reconnectionToken":"•••"')
  })

  it('still shows who has just gone, and what he said', async () => {
    await using service = startInspected()
    const watching = await service.watch('?hub=chat')
    await watching.next()
    const client = await service.join({ userId: 'ana' })
    client.socket.close()
    await watching.until(({ connections }) => connections?.rows[0]?.state === 'gone')
    const page = await service.watch(`?hub=chat&connection=${client.connectionId}`)
    const { connection, frames, gone } = await page.next()
    expect(connection).toMatchObject({ userId: 'ana', state: 'gone' })
    expect(frames?.[0]?.text).toContain('connected')
    expect(gone).toBe(1)
    service.pass(61_000)
    expect((await page.until(({ connection }) => connection === null)).connections?.total).toBe(0)
  })

  it('lists groups, the largest first, and the members of one', async () => {
    await using service = startInspected()
    await service.join({ userId: 'ana', groups: ['small', 'large'] })
    await service.join({ userId: 'ben', groups: ['large'] })
    const page = await service.watch('?hub=chat&tab=groups&group=large')
    const { groups, connections } = await page.next()
    expect(groups?.rows).toEqual([
      { name: 'large', members: 2 },
      { name: 'small', members: 1 },
    ])
    expect(connections?.rows.map(({ userId }) => userId).sort()).toEqual(['ana', 'ben'])
  })

  it('tells each upstream call once, and keeps failures from being pushed out', async () => {
    await using service = startInspected()
    const call = { hub: 'chat', event: 'message', milliseconds: 3, attempts: 1, at: 1 }
    const url = 'https://shop.example/api?code=secret'
    service.inspector.recordUpstreamCall({ ...call, url, status: 500, isFailed: true, error: 'AccessKey=abc;' })
    for (let at = 0; at < 1_000; at++) service.inspector.recordUpstreamCall({ ...call, status: 200, isFailed: false })
    service.inspector.recordUpstreamCall({ ...call, hub: 'other', isFailed: false })
    await service.join()
    const page = await service.watch('?hub=chat&tab=upstream')
    const { calls } = await page.next()
    expect(calls).toHaveLength(feedLimits.calls / 2 + 1)
    expect(calls?.[0]).toMatchObject({
      isFailed: true,
      url: 'https://shop.example/api?code=•••',
      error: 'AccessKey=•••;',
    })
    expect((await page.next()).calls).toEqual([])
  })

  it('bounds how many may look at once', async () => {
    await using service = startInspected()
    const pages = await Promise.all(Array.from({ length: 32 }, () => service.watch()))
    expect((await service.get('/inspector/api/feed')).status).toBe(503)
    await pages[0]?.stop()
    await until(async () => (await service.get('/inspector/api/feed')).ok)
  })
})

describe('actions', () => {
  it('close a connection with a reason', async () => {
    await using service = startInspected()
    const client = await service.join()
    const { ok } = await service.act('close', { hub: 'chat', connectionId: client.connectionId, reason: 'enough' })
    expect(ok).toBe(true)
    expect((await client.nextFrame())['message']).toContain('enough')
  })

  it('send to a connection, a group, a user and all', async () => {
    await using service = startInspected()
    const client = await service.join({ userId: 'ana', groups: ['lobby'] })
    const { connectionId } = client
    for (const to of [{ connectionId }, { group: 'lobby' }, { userId: 'ana' }, 'all']) {
      const message = { dataType: 'json', data: { to } }
      expect((await service.act('send', { hub: 'chat', to, message })).status).toBe(200)
      expect(await client.nextFrame()).toMatchObject({ type: 'message', dataType: 'json', data: { to } })
    }
    await service.act('send', { hub: 'chat', to: 'all', message: { dataType: 'text', data: 'hi' } })
    expect(await client.nextFrame()).toMatchObject({ dataType: 'text', data: 'hi' })
  })

  it('put a connection into a group and take it out', async () => {
    await using service = startInspected()
    const { connectionId } = await service.join()
    const hub = service.pubsub.service('chat')
    await service.act('join', { hub: 'chat', connectionId, group: 'lobby' })
    expect(await hub.groupExists('lobby')).toBe(true)
    await service.act('leave', { hub: 'chat', connectionId, group: 'lobby' })
    expect(await hub.groupExists('lobby')).toBe(false)
  })

  it('make a token that connects', async () => {
    await using service = startInspected()
    const answer = await service.act('token', { hub: 'fresh', userId: 'ana', roles: [], groups: ['lobby'] })
    const { path, token } = (await answer.json()) as { path: string; token: string }
    const client = await connect(`${service.url.replace('http', 'ws')}${path}?access_token=${token}`, [json])
    expect(await client.nextFrame()).toMatchObject({ event: 'connected', userId: 'ana' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['close', { hub: 'chat' }, 400],
    ['close', { hub: 'nowhere', connectionId: 'x' }, 404],
    ['join', { hub: 'chat', connectionId: 'nobody', group: 'lobby' }, 404],
    ['join', { hub: 'chat', connectionId: 'nobody', group: ' ' }, 400],
    ['send', { hub: 'chat', to: 'all', message: { dataType: 'json', data: null } }, 400],
    ['send', { hub: 'chat', to: 'some', message: { dataType: 'text', data: 'x' } }, 400],
    ['token', { hub: '1bad', roles: [], groups: [] }, 400],
    ['explode', {}, 404],
    ['constructor', {}, 404],
  ])('refuse what makes no sense: %s %p is a %d', async (name, body, status) => {
    await using service = startInspected()
    expect((await service.act(name, body)).status).toBe(status)
  })
})
