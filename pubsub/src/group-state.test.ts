import { describe, expect, it } from 'bun:test'
import { connect } from './testing/client.ts'
import { reliableJson, startService, until } from './testing/service.ts'

const set = (state: unknown, ackId = 1) => ({ type: 'setGroupState', group: 'g', ackId, state })
const subscribe = { type: 'subscribeGroupState', group: 'g', ackId: 1 }
const clock = () => 1_767_225_600_000

describe('the state of a group', () => {
  it('is told as a whole to who subscribes, and then change by change', async () => {
    await using service = startService({ clock })
    const alice = await service.join({ userId: 'alice', groups: ['g'] })
    const nobody = await service.join({ groups: ['g'] })
    alice.send(set({ cursor: '1:2' }))
    expect(await alice.next()).toBe('{"type":"ack","ackId":1,"success":true}')
    nobody.send(subscribe)
    expect(await nobody.next()).toBe('{"type":"ack","ackId":1,"success":true}')
    const item = `"connectionId":"${alice.connectionId}","userId":"alice"`
    expect(await nobody.next()).toBe(
      `{"type":"groupStateSnapshot","group":"g","items":[{${item},"state":{"cursor":"1:2"},"updatedAt":${clock()}}]}`,
    )
    alice.send(set({ cursor: '3:4' }, 2))
    expect(await nobody.next()).toBe(
      `{"type":"groupStateUpdate","group":"g","items":[{${item},"state":{"cursor":"3:4"},"updatedAt":${clock()}}]}`,
    )
    alice.send(set(undefined, 3))
    expect(await nobody.next()).toBe(
      `{"type":"groupStateUpdate","group":"g","items":[{${item},"updatedAt":${clock()}}]}`,
    )
    nobody.send(set({ typing: 'yes' }, 2))
    expect(await nobody.nextFrame()).toMatchObject({ items: [{ connectionId: nobody.connectionId }] })
  })

  it('is gone with its member: when he leaves, and when his connection ends', async () => {
    await using service = startService()
    const watcher = await service.join({ groups: ['g'] })
    watcher.send(subscribe)
    await watcher.next()
    await watcher.next()
    for (const leave of ['leave', 'close']) {
      const member = await service.join({ groups: ['g'] })
      member.send(set({ a: 'b' }))
      expect(await watcher.nextFrame()).toMatchObject({ items: [{ state: { a: 'b' } }] })
      if (leave === 'leave') await service.hub.group('g').removeConnection(member.connectionId)
      else member.socket.close()
      const gone = await watcher.nextFrame()
      expect(gone).toMatchObject({ items: [{ connectionId: member.connectionId }] })
      expect(JSON.stringify(gone)).not.toContain('"state"')
    }
  })

  it('is set by members only, and seen by members and by who might become one', async () => {
    await using service = startService()
    const stranger = await service.join()
    stranger.send(set({ a: 'b' }))
    expect(await stranger.nextFrame()).toMatchObject({ success: false, error: { name: 'Forbidden' } })
    stranger.send(subscribe)
    expect(await stranger.nextFrame()).toMatchObject({ success: false, error: { name: 'Forbidden' } })
    const guest = await service.join({ roles: ['webpubsub.joinLeaveGroup.g'] })
    guest.send(subscribe)
    expect(await guest.nextFrame()).toMatchObject({ success: true })
    expect(await guest.nextFrame()).toMatchObject({ type: 'groupStateSnapshot', items: [] })
  })

  it('has a limit, and takes strings only', async () => {
    await using service = startService({ limits: { groupStateMaxBytes: 20 } })
    const member = await service.join({ groups: ['g'] })
    member.send(set({ a: 'x'.repeat(30) }))
    expect(await member.nextFrame()).toMatchObject({ success: false, error: { name: 'BadRequest' } })
    member.send(set({ a: 1 }))
    expect(await member.nextFrame()).toMatchObject({ type: 'system', event: 'disconnected' })
    expect((await member.closed).code).toBe(1007)
  })

  it('is not told any more to who unsubscribed, and leaves nothing behind', async () => {
    await using service = startService()
    const member = await service.join({ groups: ['g'] })
    member.send(subscribe)
    await member.next()
    await member.next()
    member.send({ type: 'unsubscribeGroupState', group: 'g', ackId: 2 })
    expect(await member.nextFrame()).toMatchObject({ ackId: 2, success: true })
    member.send(set({ a: 'b' }, 3))
    expect(await member.nextFrame()).toMatchObject({ ackId: 3, success: true })
    await member.expectSilence()
    member.socket.close()
    const hub = service.pubsub.inside.engine.hubs.get('chat')
    await until(() => hub?.boards.size === 0)
  })

  it('has no more subscribers once they are gone, whatever they had still sent', async () => {
    let answer = () => {}
    const handled = new Promise<void>((resolve) => (answer = resolve))
    await using service = startService({ handler: { event: () => handled.then(() => ({})) } })
    const member = await service.join({ groups: ['g'] })
    member.send({ type: 'event', event: 'slow', data: 1 })
    member.send(subscribe)
    member.send(set({ a: 'b' }, 2))
    member.socket.close()
    await until(() => service.pubsub.connectionCount === 0)
    answer()
    await until(() => service.pubsub.inside.engine.farewells.size === 0)
    expect(service.pubsub.inside.engine.hubs.get('chat')?.boards.size).toBe(0)
  })

  it('is not told any more to a member who was put out and could not come back', async () => {
    await using service = startService()
    const [stays, goes, guest] = [
      await service.join({ groups: ['g'] }),
      await service.join({ groups: ['g'] }),
      await service.join({ groups: ['g'], roles: ['webpubsub.joinLeaveGroup.g'] }),
    ]
    for (const listener of [goes, guest]) {
      listener.send(subscribe)
      await listener.next()
      await listener.next()
      await service.hub.group('g').removeConnection(listener.connectionId)
    }
    stays.send(set({ a: 'b' }))
    expect(await guest.nextFrame()).toMatchObject({ type: 'groupStateUpdate' })
    await goes.expectSilence()
  })

  it('is told as a whole to a subscriber who comes back, because he missed what changed', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken({ groups: ['g'] })
    const path = `ws://127.0.0.1:${service.port}/client/hubs/chat`
    const away = await connect(`${path}?access_token=${token}`, [reliableJson])
    const { connectionId, reconnectionToken } = await away.nextFrame()
    away.send(subscribe)
    await away.next()
    await away.next()
    away.socket.close(4001)
    await until(() => service.pubsub.inside.engine.detached.size === 1)
    const member = await service.join({ groups: ['g'] })
    member.send(set({ a: 'b' }))
    await member.next()
    const claim = `awps_connection_id=${String(connectionId)}&awps_reconnection_token=${String(reconnectionToken)}`
    const back = await connect(`${path}?${claim}`, [reliableJson])
    expect(await back.nextFrame()).toMatchObject({ event: 'connected' })
    expect(await back.nextFrame()).toMatchObject({ type: 'groupStateSnapshot', items: [{ state: { a: 'b' } }] })
  })

  it('has limits on all states and subscriptions of one connection together', async () => {
    await using service = startService({ limits: { groupStateMaxBytes: 30, groupsPerConnectionMax: 2 } })
    const member = await service.join({ groups: ['g', 'h'], roles: ['webpubsub.joinLeaveGroup'] })
    const ask = async (frame: object) => {
      member.send(frame)
      const answer = await member.nextFrame()
      return answer['success']
    }
    expect(await ask(set({ a: 'x'.repeat(20) }, 1))).toBe(true)
    expect(await ask({ ...set({ a: 'x'.repeat(20) }, 2), group: 'h' })).toBe(false)
    expect(await ask(set(undefined, 3))).toBe(true)
    expect(await ask({ ...set({ a: 'x'.repeat(20) }, 4), group: 'h' })).toBe(true)
    expect(await ask({ ...subscribe, group: 'h', ackId: 5 })).toBe(true)
    await member.next()
    expect(await ask({ ...subscribe, ackId: 6 })).toBe(true)
    await member.next()
    expect(await ask({ ...subscribe, group: 'i', ackId: 7 })).toBe(false)
  })
})
