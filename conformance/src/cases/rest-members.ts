import { json, mayJoin } from '../kit/context.ts'
import { matches, rejects, same } from '../kit/expect.ts'
import { forEachService } from '../kit/services.ts'

const plain = { contentType: 'text/plain' } as const
const message = (data: string) => `{"type":"message","from":"server","dataType":"text","data":"${data}"}`
const toGroup = (group: string, data: string) =>
  `{"type":"message","from":"group","group":"${group}","dataType":"text","data":"${data}"}`

/** Existence, closing, groups, permissions and tokens, through each version of the official service client. */
export const restMemberCases = forEachService([
  {
    id: 'exists',
    title: 'connections, users and groups exist while they do',
    edges: ['33'],
    run: async (context, service) => {
      const client = await context.connect({ userId: 'alice', groups: ['lobby'] })
      const ask = () =>
        Promise.all([
          service.connectionExists(client.connectionId),
          service.userExists('alice'),
          service.groupExists('lobby'),
        ])
      same(await ask(), [true, true, true], 'while it is there')
      client.socket.close()
      await client.closing()
      await context.until(async () => !(await ask()).includes(true), 'all gone')
    },
  },
  {
    id: 'exists-case',
    title: 'user and connection ids are compared with case',
    edges: ['38'],
    run: async (context, service) => {
      const client = await context.connect({ userId: 'alice' })
      same(await service.userExists('Alice'), false, 'user')
      const swapped = client.connectionId.replace(/[a-z]/i, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      )
      same(await service.connectionExists(swapped), false, 'connection')
    },
  },
  {
    id: 'close-connection',
    title: 'closeConnection ends one; a missing one is no error',
    edges: ['13', '15', '28'],
    run: async (context, service) => {
      const client = await context.connect()
      await service.closeConnection(client.connectionId, { reason: 'bye' })
      await client.expectsClose(1000)
      await context.until(async () => !(await service.connectionExists(client.connectionId)), 'its end')
      await service.closeConnection(client.connectionId)
    },
  },
  {
    id: 'close-user',
    title: 'closeUserConnections ends all of the user',
    run: async (context, service) => {
      const clients = await Promise.all([1, 2].map(() => context.connect({ userId: 'alice' })))
      const bob = await context.connect({ userId: 'bob' })
      await service.closeUserConnections('alice')
      await Promise.all(clients.map((client) => client.expectsClose(1000)))
      await bob.silence()
    },
  },
  {
    id: 'close-group',
    title: 'closeAllConnections of a group ends its members',
    run: async (context, service) => {
      const [one, two] = await Promise.all([context.connect({ groups: ['lobby'] }), context.connect()])
      await service.group('lobby').closeAllConnections({ reason: 'bye' })
      await one.expectsClose(1000)
      await two.silence()
    },
  },
  {
    id: 'close-all',
    title: 'closeAllConnections ends all of the hub',
    run: async (context, service) => {
      const clients = await Promise.all([context.connect(), context.connect({ protocols: [] })])
      await service.closeAllConnections()
      await Promise.all(clients.map((client) => client.expectsClose(1000)))
    },
  },
  {
    id: 'group-connection',
    title: 'a connection is put into a group and out of it',
    edges: ['28'],
    run: async (context, service) => {
      const client = await context.connect()
      const lobby = service.group('lobby')
      await lobby.addConnection(client.connectionId)
      await lobby.addConnection(client.connectionId)
      await lobby.sendToAll('in', plain)
      await client.expects(toGroup('lobby', 'in'))
      await lobby.removeConnection(client.connectionId)
      await lobby.removeConnection(client.connectionId)
      await lobby.sendToAll('out', plain)
      await client.silence()
    },
  },
  {
    id: 'group-connection-missing',
    title: 'putting a missing connection into a group rejects with 404',
    edges: ['26'],
    run: async (_, service) => {
      const error = await rejects(service.group('lobby').addConnection('nobody'))
      same([error['statusCode'], error['code']], [404, 'Error.Connection.NotExisted'])
    },
  },
  {
    id: 'group-user',
    title: 'a user is put into a group with all his connections and out of it',
    run: async (context, service) => {
      const clients = await Promise.all([1, 2].map(() => context.connect({ userId: 'alice' })))
      const lobby = service.group('lobby')
      await lobby.addUser('alice')
      await lobby.sendToAll('in', plain)
      await Promise.all(clients.map((client) => client.expects(toGroup('lobby', 'in'))))
      await lobby.removeUser('alice')
      await lobby.sendToAll('out', plain)
      await Promise.all(clients.map((client) => client.silence()))
    },
  },
  {
    id: 'group-user-offline',
    title: 'putting a user without connections into a group rejects with 404',
    edges: ['27'],
    run: async (context, service) => {
      const error = await rejects(service.group('lobby').addUser('alice'))
      same([error['statusCode'], error['code']], [404, 'Warning.User.NotExisted'])
      const later = await context.connect({ userId: 'alice' })
      await service.group('lobby').sendToAll('x', plain)
      await later.silence('membership is not kept for later connections')
    },
  },
  {
    id: 'remove-from-all',
    title: 'a connection and a user are taken out of all groups',
    edges: ['28', '33'],
    run: async (context, service) => {
      const [one, two] = await Promise.all([1, 2].map(() => context.connect({ userId: 'alice', groups: ['g1', 'g2'] })))
      await service.removeConnectionFromAllGroups(one?.connectionId ?? '')
      await service.group('g1').sendToAll('x', plain)
      await two?.expects(toGroup('g1', 'x'))
      await one?.silence()
      await service.removeUserFromAllGroups('alice')
      same(await service.groupExists('g2'), false)
      await service.removeUserFromAllGroups('nobody')
      await service.removeConnectionFromAllGroups('nobody')
    },
  },
  {
    id: 'add-to-groups',
    title: 'addConnectionsToGroups and removeConnectionsFromGroups act by filter',
    run: async (context, service) => {
      const [alice, bob] = await Promise.all([context.connect({ userId: 'alice' }), context.connect({ userId: 'bob' })])
      await service.addConnectionsToGroups(['g1', 'g2'], "userId eq 'alice'")
      await service.group('g2').sendToAll('x', plain)
      await alice.expects(toGroup('g2', 'x'))
      await bob.silence()
      await service.removeConnectionsFromGroups(['g1'], "'g2' in groups")
      same([await service.groupExists('g1'), await service.groupExists('g2')], [false, true])
    },
  },
  {
    id: 'token',
    title: 'a token of getClientAccessToken opens a connection at the address it names',
    run: async (context, service) => {
      const access = await service.getClientAccessToken({ userId: 'alice', roles: [mayJoin] })
      matches(access.url, /\/client\/hubs\/[^?]+\?access_token=/)
      const client = await context.connect({ token: access.token, protocols: [json] })
      same(client.connected['userId'], 'alice')
    },
  },
  {
    id: 'permissions',
    title: 'permissions are granted, asked for and revoked',
    run: async (context, service) => {
      const client = await context.connect()
      const lobby = { targetName: 'lobby' }
      const ask = () => service.hasPermission(client.connectionId, 'joinLeaveGroup', lobby)
      same(await ask(), false, 'before')
      await service.grantPermission(client.connectionId, 'joinLeaveGroup', lobby)
      same(await ask(), true, 'granted')
      client.send({ type: 'joinGroup', group: 'lobby', ackId: 1 })
      await client.expects({ ackId: 1, success: true })
      await service.revokePermission(client.connectionId, 'joinLeaveGroup', lobby)
      same(await ask(), false, 'revoked')
      await service.revokePermission('nobody', 'joinLeaveGroup', lobby)
    },
  },
  {
    id: 'odd-names',
    title: 'names with any characters reach the same group and user',
    edges: ['38'],
    run: async (context, service) => {
      const group = 'a/b c?#%&+ü😀'
      const userId = "o'x/ü 😀"
      const client = await context.connect({ userId, groups: [group] })
      await service.group(group).sendToAll('g', plain)
      await client.expects({ from: 'group', group, data: 'g' })
      await service.sendToUser(userId, 'u', plain)
      await client.expects(message('u'))
      same([await service.userExists(userId), await service.groupExists(group)], [true, true])
    },
  },
])
