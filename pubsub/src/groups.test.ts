import { describe, expect, it } from 'bun:test'
import { connect as openClient } from './testing/client.ts'
import { json, startService } from './testing/service.ts'

const all = ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup']

describe('a connection', () => {
  it('gets its connected frame first, before messages to the groups of its token', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice', groups: ['lobby'] })
    const flooding = { isOn: true }
    const flood = (async () => {
      while (flooding.isOn) {
        await service.hub.group('lobby').sendToAll('x')
        await Bun.sleep(0)
      }
    })()
    const client = await openClient(`ws://127.0.0.1:${service.port}/client/hubs/chat?access_token=${token}`, [json])
    const first = await client.next()
    expect(first).toMatch(/^\{"type":"system","event":"connected","userId":"alice","connectionId":"[\w-]{31}"\}$/)
    expect(await client.next()).toBe('{"type":"message","from":"group","group":"lobby","dataType":"json","data":"x"}')
    flooding.isOn = false
    await flood
  })

  it('without a user id is told so', async () => {
    await using service = startService()
    const { token } = await service.hub.getClientAccessToken()
    const client = await openClient(`ws://127.0.0.1:${service.port}/client/hubs/chat?access_token=${token}`, [json])
    expect(await client.nextFrame()).toMatchObject({ event: 'connected', userId: null })
  })

  it('is answered a pong for a ping, and nothing for a sequenceAck', async () => {
    await using service = startService()
    const client = await service.join()
    client.send({ type: 'sequenceAck', sequenceId: 5 })
    client.send({ type: 'ping' })
    expect(await client.next()).toBe('{"type":"pong"}')
  })
})

describe('group frames', () => {
  it('join, send and leave with acks, the own message coming before the ack', async () => {
    await using service = startService()
    const alice = await service.join({ userId: 'alice', roles: all })
    alice.send({ type: 'joinGroup', group: 'lobby', ackId: 1 })
    expect(await alice.next()).toBe('{"type":"ack","ackId":1,"success":true}')
    alice.send('{"type":"sendToGroup","group":"lobby","ackId":2,"data":{"text": 1.0}}')
    expect(await alice.next()).toBe(
      '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"json","data":{"text": 1.0}}',
    )
    expect(await alice.next()).toBe('{"type":"ack","ackId":2,"success":true}')
    alice.send({ type: 'leaveGroup', group: 'lobby', ackId: 3 })
    alice.send({ type: 'sendToGroup', group: 'lobby', ackId: 4, data: 1 })
    expect([await alice.next(), await alice.next()]).toEqual([
      '{"type":"ack","ackId":3,"success":true}',
      '{"type":"ack","ackId":4,"success":true}',
    ])
    expect(await service.hub.groupExists('lobby')).toBe(false)
  })

  it('reach each member once, also when it joined twice', async () => {
    await using service = startService()
    const [alice, bob] = [
      await service.join({ userId: 'alice', roles: all }),
      await service.join({ userId: 'bob', roles: all }),
    ]
    bob.send({ type: 'joinGroup', group: 'lobby', ackId: 1 })
    bob.send({ type: 'joinGroup', group: 'lobby', ackId: 2 })
    await bob.next()
    await bob.next()
    alice.send({
      type: 'sendToGroup',
      group: 'lobby',
      dataType: 'binary',
      data: 'AQID',
      metadata: { trace: '1' },
      ackId: 1,
    })
    expect(await bob.next()).toBe(
      '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"binary","data":"AQID","metadata":{"trace":"1"}}',
    )
    await bob.expectSilence()
    expect(await alice.nextFrame()).toMatchObject({ type: 'ack', success: true })
    await alice.expectSilence()
  })

  it('are kept from the sending connection alone with noEcho', async () => {
    await using service = startService()
    const [first, second] = [
      await service.join({ userId: 'alice', roles: all, groups: ['g'] }),
      await service.join({ userId: 'alice', roles: all, groups: ['g'] }),
    ]
    first.send({ type: 'sendToGroup', group: 'g', noEcho: true, dataType: 'text', data: '', ackId: 1 })
    expect(await second.nextFrame()).toMatchObject({ fromUserId: 'alice', data: '' })
    expect(await first.nextFrame()).toMatchObject({ type: 'ack' })
    await first.expectSilence()
  })

  it('are refused without permission, and only said so where an ackId asks', async () => {
    await using service = startService()
    const client = await service.join({ groups: ['mine'] })
    for (const [type, verb] of [
      ['joinGroup', 'join'],
      ['leaveGroup', 'leave'],
      ['sendToGroup', 'send to'],
    ]) {
      client.send({ type, group: 'mine', ackId: 7, data: 1 })
      expect(await client.next()).toBe(
        `{"type":"ack","ackId":7,"success":false,"error":{"name":"Forbidden","message":"The client does not have permission to ${verb} group 'mine'."}}`,
      )
      client.send({ type, group: 'mine', data: 1 })
      await client.expectSilence()
    }
    expect(await service.hub.groupExists('mine')).toBe(true)
  })

  it('need the permission of each kind separately', async () => {
    await using service = startService()
    const client = await service.join({ roles: ['webpubsub.sendToGroup.a', 'webpubsub.joinLeaveGroups.b*'] })
    const outcomes = []
    for (const [at, frame] of [
      { type: 'sendToGroup', group: 'a', data: 1 },
      { type: 'joinGroup', group: 'a' },
      { type: 'joinGroup', group: 'b1' },
      { type: 'sendToGroup', group: 'b1', data: 1 },
    ].entries()) {
      client.send({ ...frame, ackId: at })
      outcomes.push((await client.nextFrame())['success'])
    }
    expect(outcomes).toEqual([true, false, true, false])
  })

  it('are not executed again for an ackId that succeeded, in one name space over all operations', async () => {
    await using service = startService({ handler: {} })
    const client = await service.join({ userId: 'alice', roles: all, groups: ['g'] })
    client.send({ type: 'event', event: 'e', data: 1, ackId: 4 })
    expect(await client.nextFrame()).toMatchObject({ success: true })
    for (const frame of [
      { type: 'sendToGroup', group: 'g', data: 1 },
      { type: 'event', event: 'e', data: 1 },
    ]) {
      client.send({ ...frame, ackId: 4 })
      expect(await client.next()).toBe(
        '{"type":"ack","ackId":4,"success":false,"error":{"name":"Duplicate","message":"Message with ack-id: 4 has been processed"}}',
      )
    }
    await client.expectSilence()
  })

  it('may use an ackId again that failed, and one that a thousand others followed', async () => {
    await using service = startService()
    const client = await service.join({ roles: ['webpubsub.sendToGroup'] })
    client.send({ type: 'joinGroup', group: 'g', ackId: 1 })
    expect(await client.nextFrame()).toMatchObject({ error: { name: 'Forbidden' } })
    for (let ackId = 1; ackId <= 1_001; ackId++) client.send({ type: 'sendToGroup', group: 'g', data: 1, ackId })
    for (let ackId = 1; ackId <= 1_001; ackId++)
      expect(await client.nextFrame()).toMatchObject({ ackId, success: true })
    client.send({ type: 'sendToGroup', group: 'g', data: 1, ackId: 1 })
    client.send({ type: 'sendToGroup', group: 'g', data: 1, ackId: 3 })
    expect(await client.nextFrame()).toMatchObject({ ackId: 1, success: true })
    expect(await client.nextFrame()).toMatchObject({ ackId: 3, error: { name: 'Duplicate' } })
  })

  it('tell groups apart whose names would look alike as topics', async () => {
    await using service = startService()
    const client = await service.join({ groups: ['x\ud800'] })
    await service.join({ groups: ['x\ud801', 'X\ud800'] })
    await service.hub.group('x\ud801').sendToAll('other')
    await service.hub.group('X\ud800').sendToAll('other')
    await client.expectSilence()
  })

  it('keep their order with what is sent to the connection in between', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice', groups: ['g'] })
    const other = await service.join({ userId: 'bob', groups: ['g'] })
    const group = service.hub.group('g')
    for (let at = 0; at < 300; at += 4) {
      void group.sendToAll(at)
      void service.hub.sendToConnection(client.connectionId, at + 1)
      void group.sendToAll(at + 2, { excludedConnections: [other.connectionId] })
      void service.hub.sendToAll(at + 3)
    }
    const received = []
    for (let at = 0; at < 300; at++) received.push((await client.nextFrame())['data'])
    expect(received).toEqual(Array.from({ length: 300 }, (_, at) => at))
  })
})
