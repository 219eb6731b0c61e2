import { maySend, type Context } from '../kit/context.ts'
import { includes, same } from '../kit/expect.ts'
import { area } from '../model.ts'

/** Rows of section 13 that the other areas do not ask about. */
export const edgeCases = area('edges', '13', [
  {
    id: 'slow-receiver',
    title: 'who does not read is closed, and the others get everything meanwhile',
    evidence: 'E',
    edges: ['20'],
    run: async (context) => {
      const [slow, reader] = await Promise.all([1, 2].map(() => context.connect({ groups: ['lobby'] })))
      const sender = await context.connect({ roles: [maySend] })
      if (!slow || !reader) return
      slow.socket.pause()
      const data = 'x'.repeat(900_000)
      for (let n = 1; n <= 40; n += 1) {
        sender.send({ type: 'sendToGroup', group: 'lobby', ackId: n, dataType: 'text', data })
        await reader.expects({ group: 'lobby', dataType: 'text' })
      }
      await context.until(async () => !(await context.service.connectionExists(slow.connectionId)), 'its end')
      await reader.silence()
    },
  },
  {
    id: 'reload',
    title: 'a service that stops says so in a disconnected frame and closes with 1001',
    spec: '3.4',
    evidence: 'IR',
    edges: ['34'],
    needs: ['own process'],
    run: async (context) => {
      const service = await context.startAnother()
      const client = await service.connect()
      void service.stop()
      await client.expects('{"type":"system","event":"disconnected","message":"Service reloading, please reconnect"}')
      await client.expectsClose(1001)
    },
  },
  {
    id: 'no-connect-handler',
    title: 'without a connect handler the values of the token hold',
    evidence: 'D',
    edges: ['36', '37'],
    run: async (context) => {
      const client = await context.connect({ userId: 'alice', roles: [maySend], groups: ['lobby'] })
      same(client.connected['userId'], 'alice')
      client.send({ type: 'sendToGroup', group: 'lobby', data: 1 })
      await client.expects({ group: 'lobby', fromUserId: 'alice' })
    },
  },
  {
    id: 'control-ping-subprotocol',
    title: 'a WebSocket ping is answered with a pong on a subprotocol too',
    evidence: 'D',
    edges: ['42'],
    run: async (context) => {
      const client = await context.connect()
      const pong = new Promise<string>((resolve) => client.socket.on('pong', (data) => resolve(data.toString())))
      client.socket.ping('there?')
      same(await pong, 'there?')
      await client.silence()
    },
  },
  {
    id: 'user-many-connections',
    title: 'all connections of a user hear him, with the same fromUserId',
    evidence: 'D',
    edges: ['32'],
    run: async (context) => {
      const options = { userId: 'alice', roles: [maySend], groups: ['lobby'] }
      const clients = await Promise.all([1, 2, 3].map(() => context.connect(options)))
      clients[0]?.send({ type: 'sendToGroup', group: 'lobby', data: 1 })
      await Promise.all(clients.map((client) => client.expects({ fromUserId: 'alice', data: 1 })))
    },
  },
  {
    id: 'exists-after-close',
    title: 'right after the 204 of a close the connection is gone, or soon',
    evidence: 'W',
    edges: ['15'],
    run: async (context: Context) => {
      const client = await context.connect({ userId: 'alice' })
      await context.service.closeConnection(client.connectionId)
      await context.until(async () => !(await context.service.userExists('alice')), 'its end')
      includes(await context.rest('HEAD', `/connections/${client.connectionId}`), { status: 404 })
    },
  },
])

/** Rows that no case can ask about, and why. */
export const edgesWithoutCase: Record<string, string> = {
  '40': 'Nothing to ask: browsers reach `/client` by WebSocket, and the data plane is not for them.',
}
