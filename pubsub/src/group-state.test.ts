import { describe, expect, it } from 'bun:test'
import { startService, until } from './testing/service.ts'

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
})
