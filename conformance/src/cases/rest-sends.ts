import { forEachService } from '../kit/services.ts'

const plain = { contentType: 'text/plain' } as const
const message = (data: string) => `{"type":"message","from":"server","dataType":"text","data":"${data}"}`
const toGroup = (group: string, data: string) =>
  `{"type":"message","from":"group","group":"${group}","dataType":"text","data":"${data}"}`

/** Everything that sends, through each version of the official service client. */
export const restSendCases = forEachService([
  {
    id: 'send-to-all',
    title: 'sendToAll reaches every connection of the hub',
    edges: ['1'],
    run: async (context, service) => {
      const clients = await Promise.all([context.connect(), context.connect()])
      await service.sendToAll('Hi there!', plain)
      await Promise.all(clients.map((client) => client.expects(message('Hi there!'))))
    },
  },
  {
    id: 'send-json',
    title: 'an object is delivered as json',
    edges: ['1'],
    run: async (context, service) => {
      const client = await context.connect()
      await service.sendToAll({ message: 'Hello world!' })
      await client.expects('{"type":"message","from":"server","dataType":"json","data":{"message":"Hello world!"}}')
    },
  },
  {
    id: 'send-bytes',
    title: 'bytes are delivered as binary',
    edges: ['1'],
    run: async (context, service) => {
      const client = await context.connect()
      await service.sendToAll(new Uint8Array([5, 1, 1]).buffer)
      await client.expects('{"type":"message","from":"server","dataType":"binary","data":"BQEB"}')
    },
  },
  {
    id: 'send-text-as-json',
    title: 'a text without a content type is delivered as a JSON text',
    run: async (context, service) => {
      const client = await context.connect()
      await service.sendToAll('hi')
      await client.expects('{"type":"message","from":"server","dataType":"json","data":"hi"}')
    },
  },
  {
    id: 'send-excluded',
    title: 'excluded connections hear nothing; unknown ids are ignored',
    edges: ['24'],
    run: async (context, service) => {
      const [one, two] = await Promise.all([context.connect(), context.connect()])
      await service.sendToAll('x', { ...plain, excludedConnections: [one.connectionId, 'nobody', 'a,b'] })
      await two.expects(message('x'))
      await one.silence()
    },
  },
  {
    id: 'send-filter',
    title: 'sendToAll with a filter reaches whom it holds for',
    run: async (context, service) => {
      const [alice, bob] = await Promise.all([context.connect({ userId: 'alice' }), context.connect({ userId: 'bob' })])
      await service.sendToAll('x', { ...plain, filter: "userId ne 'bob'" })
      await alice.expects(message('x'))
      await bob.silence()
    },
  },
  {
    id: 'send-to-user',
    title: 'sendToUser reaches every connection of the user',
    edges: ['32'],
    run: async (context, service) => {
      const clients = await Promise.all([1, 2].map(() => context.connect({ userId: 'alice' })))
      const bob = await context.connect({ userId: 'bob' })
      await service.sendToUser('alice', 'x', plain)
      await Promise.all(clients.map((client) => client.expects(message('x'))))
      await bob.silence()
    },
  },
  {
    id: 'send-to-user-filter',
    title: 'sendToUser takes a filter',
    run: async (context, service) => {
      const [one, two] = await Promise.all([1, 2].map((n) => context.connect({ userId: 'alice', groups: [`g${n}`] })))
      await service.sendToUser('alice', 'x', { ...plain, filter: "'g1' in groups" })
      await one?.expects(message('x'))
      await two?.silence()
    },
  },
  {
    id: 'send-to-connection',
    title: 'sendToConnection reaches one',
    run: async (context, service) => {
      const [one, two] = await Promise.all([context.connect(), context.connect()])
      await service.sendToConnection(one.connectionId, 'x', plain)
      await one.expects(message('x'))
      await two.silence()
    },
  },
  {
    id: 'send-to-group',
    title: 'sendToAll of a group comes from the group, without a sender',
    edges: ['1'],
    run: async (context, service) => {
      const [one, two] = await Promise.all([context.connect({ groups: ['lobby'] }), context.connect()])
      await service.group('lobby').sendToAll('x', plain)
      await one.expects(toGroup('lobby', 'x'))
      await two.silence()
    },
  },
  {
    id: 'send-to-group-excluded',
    title: 'sendToAll of a group takes exclusions and a filter',
    run: async (context, service) => {
      const options = { groups: ['lobby'] }
      const [one, two] = await Promise.all([context.connect({ ...options, userId: 'alice' }), context.connect(options)])
      const lobby = service.group('lobby')
      await lobby.sendToAll('excluded', { ...plain, excludedConnections: [one.connectionId] })
      await lobby.sendToAll('filtered', { ...plain, filter: 'userId eq null' })
      await lobby.sendToAll('last', plain)
      await one.expects(toGroup('lobby', 'last'))
      for (const text of ['excluded', 'filtered', 'last']) await two.expects(toGroup('lobby', text))
    },
  },
  {
    id: 'send-to-missing',
    title: 'sends to nobody succeed',
    edges: ['25'],
    run: async (_, service) => {
      await service.sendToConnection('nobody', 'x', plain)
      await service.sendToUser('nobody', 'x', plain)
      await service.group('nobody').sendToAll('x', plain)
    },
  },
  {
    id: 'ttl',
    title: 'messageTtlSeconds is taken and delays nothing',
    run: async (context, service) => {
      const client = await context.connect()
      await service.sendToAll('x', { ...plain, messageTtlSeconds: 60 })
      await client.expects(message('x'))
    },
  },
])
