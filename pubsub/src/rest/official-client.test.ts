import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { AzureKeyCredential, odata, WebPubSubServiceClient } from '@azure/web-pubsub'
import type { TestClient } from '../testing/client.ts'
import { startService, testKeys, type TestService } from '../testing/service.ts'

/** Its own options, which its types do not list but its requests carry. */
type Untyped = Record<string, unknown>

describe('the official service client', () => {
  let service: TestService
  let azure: WebPubSubServiceClient
  let clients: [alice: TestClient, also: TestClient, bob: TestClient, nobody: TestClient]
  const group = (name: string) => azure.group(name)
  const dataOf = async (client: TestClient) => (await client.nextFrame())['data']
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'accepted',
      ({ statusCode, code, message }: Record<string, unknown>) => ({ statusCode, code, message }),
    )

  beforeAll(async () => {
    service = startService()
    const connectionString = `Endpoint=http://127.0.0.1;AccessKey=${testKeys[0]};Port=${service.port};Version=1.0;`
    azure = new WebPubSubServiceClient(connectionString, 'chat', { allowInsecureConnection: true })
    clients = [
      await service.join({ userId: 'alice' }),
      await service.join({ userId: 'alice' }),
      await service.join({ userId: "o'x" }),
      await service.join(),
    ]
  })
  afterAll(() => service[Symbol.asyncDispose]())

  it('sends text, JSON and bytes to all, as Microsoft’s own tests expect them', async () => {
    const [alice, also, bob, nobody] = clients
    await azure.sendToAll('Hi there!', { contentType: 'text/plain' })
    await azure.sendToAll({ message: 'Hello world!' })
    await azure.sendToAll(Uint8Array.of(5, 16, 1))
    await azure.sendToAll('text as JSON')
    await azure.sendToAll(Uint8Array.of(104, 105).buffer)
    for (const client of [alice, also, bob, nobody]) {
      expect(await client.next()).toBe('{"type":"message","from":"server","dataType":"text","data":"Hi there!"}')
      expect(await client.next()).toBe(
        '{"type":"message","from":"server","dataType":"json","data":{"message":"Hello world!"}}',
      )
      expect(await client.next()).toBe('{"type":"message","from":"server","dataType":"binary","data":"BRAB"}')
      expect(await client.next()).toBe('{"type":"message","from":"server","dataType":"json","data":"text as JSON"}')
      expect(await client.next()).toBe('{"type":"message","from":"server","dataType":"binary","data":"aGk="}')
    }
  })

  it('sends with filters, exclusions and a time to live', async () => {
    const [alice, also, bob, nobody] = clients
    await azure.sendToAll(1, { filter: odata`userId eq ${"o'x"}`, messageTtlSeconds: 60 })
    await azure.sendToAll(2, { filter: odata`userId eq ${null}` })
    await azure.sendToAll(3, { excludedConnections: [alice.connectionId, nobody.connectionId] })
    await azure.sendToUser('alice', 4, { filter: `connectionId ne '${alice.connectionId}'` })
    await azure.sendToUser('alice', 'five', { contentType: 'text/plain' })
    await azure.sendToConnection(nobody.connectionId, 6, { messageTtlSeconds: 0 })
    await azure.sendToUser('nobody', 0)
    await azure.sendToConnection('nobody', 0)
    expect(await dataOf(alice)).toBe('five')
    expect([await dataOf(also), await dataOf(also), await dataOf(also)]).toEqual([3, 4, 'five'])
    expect([await dataOf(bob), await dataOf(bob)]).toEqual([1, 3])
    expect([await dataOf(nobody), await dataOf(nobody)]).toEqual([2, 6])
    for (const client of clients) await client.expectSilence()
  })

  it('reads the errors as those of Azure', async () => {
    const filter = 'invalid filter'
    const message = `Invalid syntax for '${filter}': Syntax error at position 14 in '${filter}'. (Parameter 'filter')`
    for (const send of [azure.sendToAll(1, { filter }), azure.sendToUser('alice', 1, { filter })]) {
      const { statusCode, message: text } = (await refusal(send)) as { statusCode: number; message: string }
      expect(statusCode).toBe(400)
      expect((JSON.parse(text) as { message: string }).message).toBe(message)
    }
    const bulk = (await refusal(azure.addConnectionsToGroups([], ''))) as { message: string }
    expect((JSON.parse(bulk.message) as { target: string }).target).toBe('Groups')
    expect(await refusal(group('g').addConnection('x'))).toMatchObject({
      statusCode: 404,
      code: 'Error.Connection.NotExisted',
    })
    expect(await refusal(group('g').addUser('x'))).toMatchObject({
      statusCode: 404,
      code: 'Warning.User.NotExisted',
      message: 'User `x` is not found.',
    })
    expect(await refusal(azure.grantPermission('x', 'sendToGroup', { targetName: 'g' }))).toMatchObject({
      statusCode: 404,
      code: 'Info.Connection.NotExisted',
    })
    expect(await refusal(azure.revokePermission('x', 'sendToGroup'))).toMatchObject({
      statusCode: 400,
      code: 'Error.BadRequest',
    })
  })

  it('puts connections and users into groups, takes them out, and sends there', async () => {
    const [alice, also, bob] = clients
    const name = "a/b c?*!'(é)"
    expect(await azure.groupExists(name)).toBe(false)
    await group(name).addConnection(bob.connectionId)
    await group(name).addUser('alice')
    expect(await azure.groupExists(name)).toBe(true)
    await group(name).sendToAll({ n: 1 }, { excludedConnections: [also.connectionId] })
    await group(name).sendToAll('two', { contentType: 'text/plain', filter: "userId eq 'alice'" })
    expect(await bob.nextFrame()).toMatchObject({ from: 'group', group: name, data: { n: 1 } })
    expect([await dataOf(alice), await dataOf(alice)]).toEqual([{ n: 1 }, 'two'])
    expect(await dataOf(also)).toBe('two')
    await group(name).removeConnection(bob.connectionId)
    await group(name).removeUser('alice')
    expect(await azure.groupExists(name)).toBe(false)
    await group(name).sendToAll(0)
    await azure.addConnectionsToGroups(['one', 'two'], "userId eq 'alice'")
    await azure.removeConnectionFromAllGroups(alice.connectionId)
    await azure.removeConnectionsFromGroups(['two'], '')
    expect([await azure.groupExists('one'), await azure.groupExists('two')]).toEqual([true, false])
    await azure.removeUserFromAllGroups('alice')
    expect(await azure.groupExists('one')).toBe(false)
    for (const client of clients) await client.expectSilence()
  })

  it('lists the members of a group, page by page', async () => {
    await azure.addConnectionsToGroups(['list'], '')
    const expected = clients.map(({ connectionId }) => connectionId).sort()
    const listed = []
    for await (const member of await group('list').listConnections()) listed.push(member)
    expect(listed.map(({ connectionId }) => connectionId)).toEqual(expected)
    expect(listed.map(({ userId }) => userId ?? 'nobody').sort()).toEqual(['alice', 'alice', 'nobody', "o'x"])
    const sizes = []
    const pages = (await group('list').listConnections({ maxPageSize: 2, top: 3 })).byPage()
    for await (const page of pages) sizes.push(page.length)
    expect(sizes).toEqual([2, 1])
    const rest = []
    const continuationToken = expected[0] ?? ''
    for await (const { connectionId } of await group('list').listConnections({ continuationToken })) {
      rest.push(connectionId)
    }
    expect(rest).toEqual(expected.slice(1))
  })

  it('grants, checks and revokes permissions', async () => {
    const [, , , { connectionId }] = clients
    const target = { targetName: 'g' }
    for (const permission of ['sendToGroup', 'joinLeaveGroup'] as const) {
      expect(await azure.hasPermission(connectionId, permission, target)).toBe(false)
      await azure.grantPermission(connectionId, permission, target)
      expect(await azure.hasPermission(connectionId, permission, target)).toBe(true)
      expect(await azure.hasPermission(connectionId, permission, { targetName: 'h' })).toBe(false)
      await azure.revokePermission(connectionId, permission, target)
      expect(await azure.hasPermission(connectionId, permission, target)).toBe(false)
    }
    expect(await azure.hasPermission('x', 'sendToGroup', target)).toBe(false)
  })

  it('works with a key credential, and behind a proxy by another name', async () => {
    const credential = new AzureKeyCredential(testKeys[1])
    const direct = new WebPubSubServiceClient(`http://127.0.0.1:${service.port}`, credential, 'Chat', {
      allowInsecureConnection: true,
    })
    expect(await direct.userExists('alice')).toBe(true)
    const proxied = new WebPubSubServiceClient('http://localhost:8080', credential, 'chat', {
      allowInsecureConnection: true,
      reverseProxyEndpoint: `http://127.0.0.1:${service.port}`,
    })
    const listed = []
    for await (const member of await proxied.group('list').listConnections({ maxPageSize: 1 })) listed.push(member)
    expect(listed).toHaveLength(4)
    const stranger = new WebPubSubServiceClient(
      `http://127.0.0.1:${service.port}`,
      new AzureKeyCredential('x'),
      'chat',
      {
        allowInsecureConnection: true,
      },
    )
    expect(await refusal(stranger.userExists('alice'))).toMatchObject({ statusCode: 401 })
  })

  it('makes tokens that clients connect with', async () => {
    const { url, token } = await azure.getClientAccessToken({
      userId: 'eve',
      groups: ['list'],
      roles: ['webpubsub.sendToGroup'],
    })
    expect(url).toStartWith(`ws://127.0.0.1:${service.port}/client/hubs/chat?`)
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { aud: string }
    expect(claims.aud).toBe(`http://127.0.0.1:${service.port}/client/hubs/chat`)
  })

  it('looks for connections and users, and closes them, but for those that are excluded', async () => {
    const [alice, also, bob, nobody] = clients
    expect([await azure.connectionExists(bob.connectionId), await azure.connectionExists('x')]).toEqual([true, false])
    await azure.closeConnection(bob.connectionId, { reason: 'over & out' })
    expect(await bob.nextFrame()).toEqual({
      type: 'system',
      event: 'disconnected',
      message: 'Application server closed the connection. Reason: over & out',
    })
    expect(await bob.closed).toEqual({ code: 1000, reason: '' })
    expect([await azure.connectionExists(bob.connectionId), await azure.userExists("o'x")]).toEqual([false, false])
    const but = (...excluded: TestClient[]): Untyped => ({ excluded: excluded.map(({ connectionId }) => connectionId) })
    await azure.closeUserConnections('alice', but(alice))
    await also.closed
    expect(await azure.userExists('alice')).toBe(true)
    await azure.group('list').closeAllConnections(but(alice))
    await nobody.closed
    await azure.closeAllConnections(but(alice))
    await alice.expectSilence()
    await azure.closeAllConnections({ reason: 'the end' })
    await alice.closed
    expect(service.pubsub.connectionCount).toBe(0)
    await azure.closeConnection('x')
    await azure.closeUserConnections('x')
  })
})
