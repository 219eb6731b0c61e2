import { isRefusal } from '../kit/client.ts'
import { type ConnectOptions, json, mayAll, reliableJson } from '../kit/context.ts'
import { includes, same } from '../kit/expect.ts'
import { ack, echo, express } from '../kit/upstream.ts'
import { area } from '../model.ts'

/** Microsoft's express middleware answers. */
export const expressConnectCases = area('upstream express', '10', [
  {
    id: 'connect-success',
    title: 'success of connect replaces user, groups and roles',
    spec: '3.3',
    evidence: 'DK',
    settings: express.connects,
    run: async (context) => {
      context.callback.express({
        handleConnect: (_, response) =>
          response.success({ userId: 'bob', groups: ['lobby'], roles: ['webpubsub.sendToGroup.lobby'] }),
      })
      const client = await context.connect({ userId: 'alice', roles: mayAll, groups: ['other'] })
      same(client.connected['userId'], 'bob')
      client.send({ type: 'sendToGroup', group: 'lobby', dataType: 'text', data: 'x' })
      await client.expects({ group: 'lobby', fromUserId: 'bob', data: 'x' })
      client.send({ type: 'joinGroup', group: 'more', ackId: 1 })
      await client.expects({ ackId: 1, success: false, error: { name: 'Forbidden' } })
      same(await context.service.groupExists('other'), false, 'the group of the token')
    },
  },
  {
    id: 'connect-empty',
    title: 'an empty success of connect keeps what the token said',
    spec: '3.3',
    evidence: 'DK',
    settings: express.connects,
    run: async (context) => {
      context.callback.express({ handleConnect: (_, response) => response.success() })
      const client = await context.connect({ userId: 'alice', groups: ['lobby'] })
      same([client.connected['userId'], await context.service.groupExists('lobby')], ['alice', true])
    },
  },
  {
    id: 'connect-fail',
    title: 'fail(401) of connect is the answer to the handshake; nobody hears of connected or disconnected',
    spec: '3.3',
    evidence: 'D',
    settings: express.all,
    run: async (context) => {
      const told: string[] = []
      context.callback.express({
        handleConnect: (_, response) => response.fail(401, 'not you'),
        onConnected: () => void told.push('connected'),
        onDisconnected: () => void told.push('disconnected'),
      })
      await context.refused(401)
      await context.service.sendToAll('x', { contentType: 'text/plain' })
      same(told, [])
    },
  },
  {
    id: 'connect-request',
    title: 'the connect request tells claims, query, headers and subprotocols',
    spec: '10.2',
    evidence: 'D',
    settings: express.connects,
    run: async (context) => {
      const seen: unknown[] = []
      context.callback.express({
        handleConnect: ({ claims, queries, query, headers, subprotocols }, response) => {
          seen.push({ claims, query: queries ?? query, headers, subprotocols })
          response.success()
        },
      })
      await context.connect({
        userId: 'alice',
        query: '&room=1&room=2',
        headers: { 'x-app': 'yes' },
        protocols: [json, 'x'],
      })
      includes(seen[0], { claims: { sub: ['alice'] }, query: { room: ['1', '2'] }, subprotocols: [json, 'x'] })
      same(JSON.stringify(seen[0]).includes('access_token'), false, 'the token is not passed on')
    },
  },
  {
    id: 'life',
    title: 'connected and disconnected are told once, in order, with the reason',
    spec: '10.11',
    evidence: 'D',
    settings: express.all,
    run: async (context) => {
      const told: unknown[] = []
      context.callback.express({
        handleConnect: (_, response) => response.success(),
        onConnected: ({ context: { userId } }) => void told.push(['connected', userId]),
        onDisconnected: ({ context: { userId }, reason }) => void told.push(['disconnected', userId, reason]),
      })
      const client = await context.connect({ userId: 'alice' })
      await context.until(() => told.length === 1, 'connected')
      await context.service.closeConnection(client.connectionId, { reason: 'maintenance' })
      await context.until(() => told.length === 2, 'disconnected')
      same(told[0], ['connected', 'alice'])
      includes(told[1], ['disconnected', 'alice', 'Application server closed the connection. Reason: maintenance'])
    },
  },
  {
    id: 'state',
    title: 'setState travels with the connection: connect, event, event, disconnected',
    spec: '10.6',
    evidence: 'DK',
    settings: express.all,
    run: async (context) => {
      const seen: unknown[] = []
      context.callback.express({
        handleConnect: (_, response) => {
          response.setState('a', { b: 1 })
          response.success()
        },
        handleUserEvent: ({ context: { states } }, response) => {
          seen.push({ ...states })
          if (seen.length === 1) response.setState('count', 2)
          response.success()
        },
        onDisconnected: ({ context: { states } }) => void seen.push({ ...states }),
      })
      const client = await context.connect()
      client.send(echo, echo.replace('1', '2'))
      await client.expects(ack)
      await client.skipTo({ ackId: 2 })
      client.socket.close(1000)
      await context.until(() => seen.length === 3, 'disconnected')
      same(seen.slice(0, 2), [{ a: { b: 1 } }, { a: { b: 1 }, count: 2 }])
      same(seen[2], { a: { b: 1 }, count: 2 }, 'disconnected')
    },
  },
  {
    id: 'not-on-recovery',
    title: 'a recovery asks no connect and tells no connected',
    spec: '6.4',
    evidence: 'D',
    settings: express.all,
    run: async (context) => {
      context.callback.express({ handleConnect: (_, response) => response.success() })
      const client = await context.connect({ protocols: [reliableJson] })
      await context.until(() => context.callback.named('connected').length === 1, 'connected')
      client.socket.terminate()
      const token = String(client.connected['reconnectionToken'])
      const query = `&awps_connection_id=${client.connectionId}&awps_reconnection_token=${token}`
      const again = await context.attempt({ protocols: [reliableJson], query } satisfies ConnectOptions)
      same(isRefusal(again) ? again.status : 101, 101)
      await context.service.closeConnection(client.connectionId)
      await context.until(() => context.callback.named('disconnected').length === 1, 'disconnected')
      same([context.callback.named('connect').length, context.callback.named('connected').length], [1, 1])
    },
  },
])
