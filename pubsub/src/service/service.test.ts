import { describe, expect, it } from 'bun:test'
import { json, startService } from '../testing/service.ts'

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    ({ statusCode, code }: { statusCode: number; code: string }) => [statusCode, code],
  )

describe('the service client', () => {
  it('makes tokens whose URL a client can use', async () => {
    await using service = startService({ clock: () => 1_767_225_600_000 })
    const { token, baseUrl, url } = await service.pubsub.service('Chat').getClientAccessToken({ userId: 'alice' })
    expect(baseUrl).toBe('ws://localhost:8080/client/hubs/Chat')
    expect(url).toBe(`${baseUrl}?access_token=${token}`)
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toEqual({
      iat: 1_767_225_600,
      exp: 1_767_229_200,
      aud: 'http://localhost:8080/client/hubs/Chat',
      sub: 'alice',
    })
    expect(await refusal(service.hub.getClientAccessToken({ expirationTimeInMinutes: 0 }))).toEqual([
      400,
      'Error.BadRequest',
    ])
  })

  it('sends to all, to a user, to a connection and to a group, as from the server or the group', async () => {
    await using service = startService()
    const [alice, also, bob] = [
      await service.join({ userId: 'alice' }),
      await service.join({ userId: 'alice', groups: ['g'] }),
      await service.join({ userId: 'bob' }),
    ]
    await service.hub.sendToUser('alice', { to: 'alice' })
    await service.hub.sendToConnection(bob.connectionId, 'bob')
    await service.hub.group('g').sendToAll({ to: 'g' })
    await service.hub.sendToAll('Hi there!', { contentType: 'text/plain' })
    const toAll = '{"type":"message","from":"server","dataType":"text","data":"Hi there!"}'
    const toAlice = '{"type":"message","from":"server","dataType":"json","data":{"to":"alice"}}'
    expect([await alice.next(), await alice.next()]).toEqual([toAlice, toAll])
    expect([await also.next(), await also.next(), await also.next()]).toEqual([
      toAlice,
      '{"type":"message","from":"group","group":"g","dataType":"json","data":{"to":"g"}}',
      toAll,
    ])
    expect([await bob.next(), await bob.next()]).toEqual([
      '{"type":"message","from":"server","dataType":"json","data":"bob"}',
      toAll,
    ])
  })

  it('leaves out excluded connections, one or many, and ignores unknown ids', async () => {
    await using service = startService()
    const clients = [
      await service.join({ groups: ['g'] }),
      await service.join({ groups: ['g'] }),
      await service.join({ groups: ['g'] }),
    ]
    const plain = await service.join({ groups: ['g'], protocols: [] })
    const ids = clients.map(({ connectionId }) => connectionId)
    for (const excludedConnections of [['unknown', ...ids.slice(0, 1)], ids.slice(0, 2)]) {
      await service.hub.group('g').sendToAll(1, { excludedConnections })
      await service.hub.sendToAll(2, { excludedConnections })
    }
    expect(await clients[2]?.nextFrame()).toMatchObject({ data: 1 })
    expect(await clients[1]?.nextFrame()).toMatchObject({ data: 1 })
    expect(await clients[1]?.nextFrame()).toMatchObject({ data: 2 })
    await clients[1]?.expectSilence()
    await clients[0]?.expectSilence()
    expect([await plain.next(), await plain.next(), await plain.next(), await plain.next()]).toEqual([
      '1',
      '2',
      '1',
      '2',
    ])
  })

  it('succeeds in sending to and removing what is not there', async () => {
    await using service = startService()
    const { hub } = service
    const group = hub.group('nobody')
    await Promise.all([
      hub.sendToAll(1),
      hub.sendToUser('x', 1),
      hub.sendToConnection('x', 1),
      group.sendToAll(1),
      hub.closeConnection('x'),
      hub.closeUserConnections('x'),
      hub.closeAllConnections(),
      group.closeAllConnections(),
      group.removeUser('x'),
      group.removeConnection('x'),
      hub.removeUserFromAllGroups('x'),
      hub.removeConnectionFromAllGroups('x'),
      hub.removeConnectionsFromGroups(['x'], ''),
      hub.revokePermission('x', 'sendToGroup', { targetName: 'x' }),
    ])
    expect([await hub.connectionExists('x'), await hub.userExists('x'), await hub.groupExists('x')]).toEqual([
      false,
      false,
      false,
    ])
    expect(await hub.hasPermission('x', 'sendToGroup', { targetName: 'x' })).toBe(false)
  })

  it('rejects with the status and code of the REST API', async () => {
    await using service = startService()
    const { hub } = service
    const { connectionId } = await service.join()
    const bad = [400, 'Error.BadRequest']
    expect(await refusal(hub.group('g').addUser('x'))).toEqual([404, 'Warning.User.NotExisted'])
    expect(await refusal(hub.group('g').addConnection('x'))).toEqual([404, 'Error.Connection.NotExisted'])
    expect(await refusal(hub.grantPermission('x', 'sendToGroup', { targetName: 'g' }))).toEqual([
      404,
      'Info.Connection.NotExisted',
    ])
    expect(await refusal(hub.grantPermission(connectionId, 'sendToGroup'))).toEqual(bad)
    expect(await refusal(hub.revokePermission(connectionId, 'sendToGroup'))).toEqual(bad)
    expect(await refusal(hub.removeConnectionsFromGroups(['g'], 'userId'))).toEqual(bad)
    expect(await refusal(hub.addConnectionsToGroups([], ''))).toEqual(bad)
    expect(await refusal(hub.addConnectionsToGroups(['ok', ' '], ''))).toEqual(bad)
    expect(await refusal(hub.sendToAll(1, { filter: 'invalid filter' }))).toEqual(bad)
    expect(await refusal(hub.sendToAll(1, { metadata: { 'no token': '1' } }))).toEqual(bad)
    expect(await refusal(hub.hasPermission(connectionId, 'sendToGroup'))).toEqual(bad)
    expect(await refusal(hub.sendToAll(1, { messageTtlSeconds: 301 }))).toEqual(bad)
    for (const message of [null, undefined, () => {}]) expect(await refusal(hub.sendToAll(message))).toEqual(bad)
    expect(await refusal(hub.sendToAll({}, { contentType: 'text/plain' }))).toEqual(bad)
    expect(await refusal(hub.sendToAll('x', { contentType: 'application/octet-stream' }))).toEqual(bad)
    expect(await refusal(hub.sendToAll('x'.repeat(1_048_577)))).toEqual(bad)
    expect(() => hub.group('')).toThrow('Invalid group name')
    expect(() => service.pubsub.service('1x')).toThrow('Invalid hub name')
    expect(await hub.groupExists('ok')).toBe(false)
    for (let at = 0; at < 1_000; at++) await hub.grantPermission(connectionId, 'sendToGroup', { targetName: `g${at}` })
    expect(await refusal(hub.grantPermission(connectionId, 'sendToGroup', { targetName: 'more' }))).toEqual([
      409,
      'Error.Connection.Conflict',
    ])
  })

  it('puts users and connections into groups and takes them out, without any permission of theirs', async () => {
    await using service = startService()
    const { hub } = service
    const [first, second] = [await service.join({ userId: 'alice' }), await service.join({ userId: 'alice' })]
    const [one, two] = [hub.group('one'), hub.group('two')]
    const members = async (name: string) => {
      await hub.group(name).sendToAll(name)
      await hub.sendToUser('alice', 'mark')
      const heard = []
      for (const client of [first, second]) {
        const isMember = (await client.nextFrame())['from'] === 'group'
        if (isMember) await client.nextFrame()
        heard.push(isMember)
      }
      return heard
    }
    await one.addUser('alice')
    await two.addConnection(first.connectionId)
    expect([await members('one'), await members('two')]).toEqual([
      [true, true],
      [true, false],
    ])
    await one.removeConnection(second.connectionId)
    expect(await members('one')).toEqual([true, false])
    await hub.addConnectionsToGroups(['one', 'two'], '')
    expect([await members('one'), await members('two')]).toEqual([
      [true, true],
      [true, true],
    ])
    await one.removeUser('alice')
    await hub.removeConnectionFromAllGroups(first.connectionId)
    expect([await hub.groupExists('one'), await members('two')]).toEqual([false, [false, true]])
    await hub.removeConnectionsFromGroups(['two', 'nobody'], '')
    expect(await hub.groupExists('two')).toBe(false)
    await one.addUser('alice')
    await hub.removeUserFromAllGroups('alice')
    expect(await hub.groupExists('one')).toBe(false)
  })

  it('changes what a live connection may do', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice' })
    const target = { targetName: 'g' }
    const send = async (ackId: number) => {
      client.send({ type: 'sendToGroup', group: 'g', data: 1, ackId })
      return (await client.nextFrame())['success']
    }
    expect(await send(1)).toBe(false)
    await service.hub.grantPermission(client.connectionId, 'sendToGroup', target)
    expect([await service.hub.hasPermission(client.connectionId, 'sendToGroup', target), await send(1)]).toEqual([
      true,
      true,
    ])
    await service.hub.revokePermission(client.connectionId, 'sendToGroup', target)
    expect([await service.hub.hasPermission(client.connectionId, 'sendToGroup', target), await send(2)]).toEqual([
      false,
      false,
    ])
  })

  it('closes all connections of a hub, a user or a group, and of no other hub', async () => {
    await using service = startService()
    const { hub } = service
    const clients = [
      await service.join({ userId: 'alice' }),
      await service.join({ groups: ['g'] }),
      await service.join(),
    ]
    await hub.closeUserConnections('alice')
    await clients[0]?.closed
    expect([await hub.userExists('alice'), service.pubsub.connectionCount]).toEqual([false, 2])
    await hub.group('g').closeAllConnections({ reason: 'over' })
    expect(await clients[1]?.nextFrame()).toMatchObject({
      message: 'Application server closed the connection. Reason: over',
    })
    expect([await hub.groupExists('g'), service.pubsub.connectionCount]).toEqual([false, 1])
    await service.pubsub.service('other').closeAllConnections()
    expect(service.pubsub.connectionCount).toBe(1)
    await service.pubsub.service('CHAT').closeAllConnections()
    expect(service.pubsub.connectionCount).toBe(0)
  })

  it('closes all but those that are excluded', async () => {
    await using service = startService()
    const [alice, also, bob] = [
      await service.join({ userId: 'alice', groups: ['g'] }),
      await service.join({ userId: 'alice', groups: ['g'] }),
      await service.join({ groups: ['g'] }),
    ]
    const excluded = ['unknown', alice.connectionId]
    await service.hub.closeUserConnections('alice', { excluded })
    await also.closed
    expect(service.pubsub.connectionCount).toBe(2)
    await service.hub.group('g').closeAllConnections({ excluded: [...excluded, bob.connectionId] })
    expect(service.pubsub.connectionCount).toBe(2)
    await service.hub.closeAllConnections({ excluded })
    await bob.closed
    await alice.expectSilence()
  })

  it('sends to whom the filter leaves', async () => {
    await using service = startService()
    const { hub } = service
    const [alice, nobody] = [
      await service.join({ userId: 'alice', groups: ['g'] }),
      await service.join({ groups: ['g'] }),
    ]
    await hub.sendToAll(1, { filter: 'userId eq null' })
    await hub.sendToUser('alice', 2, { filter: "not ('g' in groups)" })
    await hub
      .group('g')
      .sendToAll(3, { filter: "startswith(userId, 'al')", excludedConnections: [nobody.connectionId] })
    await hub.group('g').sendToAll(4, { filter: 'true', excludedConnections: [alice.connectionId] })
    await hub.addConnectionsToGroups(['h'], "userId in ('alice')")
    await hub.group('h').sendToAll(5)
    await hub.removeConnectionsFromGroups(['h', 'g'], "'h' in groups")
    await hub.group('g').sendToAll(6)
    expect([await alice.nextFrame(), await alice.nextFrame()]).toMatchObject([{ data: 3 }, { data: 5 }])
    expect([await nobody.nextFrame(), await nobody.nextFrame()]).toMatchObject([{ data: 1 }, { data: 4 }])
    expect(await nobody.nextFrame()).toMatchObject({ data: 6 })
    await alice.expectSilence()
  })

  it('sends bytes, blobs and protobuf, and metadata beside them', async () => {
    await using service = startService()
    const { hub } = service
    const client = await service.join()
    const bytes = Uint8Array.of(8, 1)
    await hub.sendToAll(bytes)
    await hub.sendToAll(new Blob([bytes]))
    await hub.sendToAll(bytes.buffer, { contentType: 'application/x-protobuf', messageTtlSeconds: 300 })
    await hub.sendToConnection(client.connectionId, 1, { metadata: { Trace: '42' } })
    const from = '"type":"message","from":"server"'
    expect([await client.next(), await client.next()]).toEqual(
      Array.from({ length: 2 }, () => `{${from},"dataType":"binary","data":"CAE="}`),
    )
    expect(await client.next()).toBe(`{${from},"dataType":"protobuf","data":"CAE="}`)
    expect(await client.next()).toBe(`{${from},"dataType":"json","data":1,"metadata":{"Trace":"42"}}`)
  })

  it('lists the members of a group, one by one or in pages, from where it stopped', async () => {
    await using service = startService()
    const group = service.hub.group('g')
    for (const userId of ['a', 'b', 'c']) await service.join({ userId, groups: ['g'] })
    await service.join({ groups: ['g'] })
    const all = await Array.fromAsync(await group.listConnections())
    expect(all.map(({ userId }) => userId ?? 'nobody').sort()).toEqual(['a', 'b', 'c', 'nobody'])
    const ids = all.map(({ connectionId }) => connectionId)
    expect(ids).toEqual([...ids].sort())
    const pages = await Array.fromAsync((await group.listConnections({ maxPageSize: 2, top: 3 })).byPage())
    expect(pages).toEqual([all.slice(0, 2), all.slice(2, 3)])
    const rest = (await group.listConnections()).byPage({ continuationToken: ids[1] ?? '' })
    expect(await Array.fromAsync(rest)).toEqual([all.slice(2)])
    const listing = await group.listConnections({ top: 0 })
    expect(await refusal(listing.next())).toEqual([400, 'Error.BadRequest'])
    expect(() => listing.byPage({ maxPageSize: 2 })).toThrow('maxPageSize is not supported')
    expect(await Array.fromAsync((await service.hub.group('nobody').listConnections()).byPage())).toEqual([[]])
  })

  it('makes tokens for other protocols at their own paths', async () => {
    await using service = startService()
    const { baseUrl, token } = await service.hub.getClientAccessToken({ clientProtocol: 'mqtt' })
    expect(baseUrl).toBe('ws://localhost:8080/clients/mqtt/hubs/chat')
    expect(service.pubsub.inside.tokens.verify(token, { hub: 'chat', host: 'localhost:8080' })).toBeUndefined()
  })

  it('keeps hubs apart', async () => {
    await using service = startService()
    const client = await service.join({ userId: 'alice', groups: ['g'], protocols: [json] })
    const other = service.pubsub.service('other')
    await other.sendToAll(1)
    await other.sendToUser('alice', 1)
    await other.sendToConnection(client.connectionId, 1)
    await other.group('g').sendToAll(1)
    await client.expectSilence()
  })
})
