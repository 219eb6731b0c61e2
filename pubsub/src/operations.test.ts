import { describe, expect, it } from 'bun:test'
import { connect } from './testing/client.ts'
import { askRaw } from './testing/raw-client.ts'
import { json, startService, testKeys, until } from './testing/service.ts'

const client = '/client/hubs/chat'
const offering = { 'Sec-WebSocket-Protocol': json }

describe('a hub that allows anonymous clients', () => {
  it('takes them without a token, without a user and without any right', async () => {
    await using service = startService()
    expect((await askRaw(service.port, client, offering)).status).toBe(401)
    service.pubsub.setHub('Chat', { allowsAnonymous: true })
    const guest = await connect(`ws://127.0.0.1:${service.port}${client}`, [json])
    expect(await guest.nextFrame()).toMatchObject({ event: 'connected', userId: null })
    guest.send({ type: 'joinGroup', group: 'g', ackId: 1 })
    expect(await guest.nextFrame()).toMatchObject({ error: { name: 'Forbidden' } })
    expect((await askRaw(service.port, `${client}?access_token=wrong`, offering)).status).toBe(401)
    service.pubsub.setHub('chat', { allowsAnonymous: false })
    expect((await askRaw(service.port, client, offering)).status).toBe(401)
    await guest.expectSilence()
  })

  it('lets the backend say who they are', async () => {
    await using service = startService({
      handler: { connect: async () => ({ accept: true, userId: 'guest-1', groups: ['lobby'] }) },
    })
    service.pubsub.setHub('chat', { allowsAnonymous: true })
    const guest = await connect(`ws://127.0.0.1:${service.port}${client}`, [json])
    expect(await guest.nextFrame()).toMatchObject({ event: 'connected', userId: 'guest-1' })
    expect(await service.hub.groupExists('lobby')).toBe(true)
  })
})

describe('keys', () => {
  it('change while connections stay', async () => {
    await using service = startService()
    const before = await service.join()
    const { token } = await service.hub.getClientAccessToken()
    const withToken = `${client}?access_token=${token}`
    service.pubsub.setKeys(['a new key that signs from now on', testKeys[0]])
    expect((await askRaw(service.port, withToken, offering)).status).toBe(101)
    service.pubsub.setKeys(['a new key that signs from now on'])
    expect((await askRaw(service.port, withToken, offering)).status).toBe(401)
    await before.expectSilence()
    await (await service.join()).expectSilence()
    expect(() => service.pubsub.setKeys([''])).toThrow('a key is empty')
  })
})

describe('a limit', () => {
  it('on connections refuses the next one with 429 until one is gone', async () => {
    await using service = startService({ limits: { connectionsMax: 2 } })
    const one = await service.join()
    await service.join()
    const { token } = await service.hub.getClientAccessToken()
    const refused = await askRaw(service.port, `${client}?access_token=${token}`, offering)
    expect(refused).toMatchObject({ status: 429, body: 'Connection count reaches limit' })
    one.socket.close()
    await until(() => service.pubsub.connectionCount === 1)
    await service.join()
  })

  it('on connections holds for those whose backend was still thinking', async () => {
    let admit = () => {}
    const thinking = new Promise<void>((resolve) => (admit = resolve))
    await using service = startService({
      limits: { connectionsMax: 1 },
      handler: { connect: () => thinking.then(() => ({ accept: true })) },
    })
    const { token } = await service.hub.getClientAccessToken()
    const asked = [1, 2, 3].map(() => askRaw(service.port, `${client}?access_token=${token}`, offering))
    await until(() => service.pubsub.inside.engine.handshakeCount === 3)
    admit()
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.toSorted((one, other) => one - other)).toEqual([101, 429, 429])
    expect(service.pubsub.counters.handshakesRefused).toEqual({ 429: 2 })
  })

  it('on handshakes refuses those beyond with 503 while backends think', async () => {
    let admit = () => {}
    const thinking = new Promise<void>((resolve) => (admit = resolve))
    await using service = startService({
      limits: { handshakesMax: 1 },
      handler: { connect: () => thinking.then(() => ({ accept: true })) },
    })
    const first = service.join()
    await until(() => service.pubsub.inside.engine.handshakeCount === 1)
    const { token } = await service.hub.getClientAccessToken()
    const refused = await askRaw(service.port, `${client}?access_token=${token}`, offering)
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
    admit()
    await (await first).expectSilence()
    expect(service.pubsub.counters.handshakesRefused).toEqual({ 503: 1 })
  })

  it('on groups refuses the next one, and takes it once there is room', async () => {
    await using service = startService({ limits: { groupsPerConnectionMax: 2 } })
    const member = await service.join({ roles: ['webpubsub.joinLeaveGroup'], groups: ['a'] })
    const ask = async (type: string, group: string, ackId: number) => {
      member.send({ type, group, ackId })
      return member.nextFrame()
    }
    expect(await ask('joinGroup', 'b', 1)).toMatchObject({ success: true })
    expect(await ask('joinGroup', 'c', 2)).toMatchObject({ success: false, error: { name: 'BadRequest' } })
    expect(await ask('joinGroup', 'a', 3)).toMatchObject({ success: true })
    expect(await ask('leaveGroup', 'b', 4)).toMatchObject({ success: true })
    expect(await ask('joinGroup', 'c', 2)).toMatchObject({ success: true })
  })
})

describe('draining', () => {
  it('refuses new connections and closes the old ones one after the other, with a reason to come back', async () => {
    const gone: string[] = []
    await using service = startService({
      handler: { disconnected: async (_context, reason) => void gone.push(reason) },
    })
    const clients = await Promise.all(Array.from({ length: 20 }, () => service.join()))
    const { token } = await service.hub.getClientAccessToken()
    let isDrained = false
    const drained = service.pubsub.drain({ withinMs: 500 }).then(() => (isDrained = true))
    await until(() => service.pubsub.connectionCount < 20)
    expect(service.pubsub.connectionCount).toBeGreaterThan(0)
    const refused = await askRaw(service.port, `${client}?access_token=${token}`, offering)
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
    expect(isDrained).toBe(false)
    for (const { closed, ...reader } of clients) {
      expect(await reader.nextFrame()).toMatchObject({ message: 'Service reloading, please reconnect' })
      expect(await closed).toEqual({ code: 1001, reason: 'Service reloading, please reconnect' })
    }
    await drained
    expect(gone).toHaveLength(20)
  })
})

describe('webpubsub_mode', () => {
  const open = async (service: ReturnType<typeof startService>, query: string, roles = ['webpubsub.sendToGroup.g']) => {
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice', roles, groups: ['g'] })
    return connect(`ws://127.0.0.1:${service.port}${client}?access_token=${token}&${query}`, [])
  }

  it('sends every frame of a simple client to a group', async () => {
    await using service = startService()
    const reader = await service.join({ groups: ['g'] })
    const sender = await open(service, 'WebPubSub_Mode=SendToGroup&group=x&group=g&noEcho=true')
    sender.send('{"type":"ping"}')
    sender.send(new Uint8Array([1, 2, 3]))
    const head = '{"type":"message","from":"group","group":"g","fromUserId":"alice"'
    expect(await reader.next()).toBe(`${head},"dataType":"text","data":"{\\"type\\":\\"ping\\"}"}`)
    expect(await reader.next()).toBe(`${head},"dataType":"binary","data":"AQID"}`)
    const echoed = await open(service, 'webpubsub_mode=sendToGroup&group=g')
    echoed.send('hello')
    expect(await echoed.next()).toBe('hello')
    expect(await sender.next()).toBe('hello')
  })

  it('closes with 1008 without permission', async () => {
    await using service = startService()
    const sender = await open(service, 'webpubsub_mode=sendToGroup&group=other')
    sender.send('x')
    expect((await sender.closed).code).toBe(1008)
  })

  it('is refused before the upgrade when it makes no sense, but only for simple clients', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken()
    const ask = async (query: string, headers = {}) => {
      const { status, body } = await askRaw(service.port, `${client}?access_token=${token}&${query}`, headers)
      return [status, body]
    }
    expect(await ask('webpubsub_mode=shout')).toEqual([400, 'webpubsub_mode is sendEvent or sendToGroup.'])
    expect(await ask('webpubsub_mode=sendToGroup')).toEqual([400, 'group is the name of a group.'])
    expect(await ask('webpubsub_mode=sendToGroup&group=g&noEcho=1')).toEqual([400, 'noEcho is true or false.'])
    expect((await ask('webpubsub_mode=sendEvent'))[0]).toBe(101)
    expect((await ask('webpubsub_mode=shout', offering))[0]).toBe(101)
  })
})
