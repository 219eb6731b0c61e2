import { type Context, mayAll } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { cuttable, failsToRecover, lost, numbered, query, recovered, reliable, send } from '../kit/sessions.ts'
import { area } from '../model.ts'

export const sessionEndCases = area('reliable', '6', [
  ...(
    [
      ['wrong-token', (id: string) => `&awps_connection_id=${id}&awps_reconnection_token=wrong`],
      ['no-token', (id: string) => `&awps_connection_id=${id}`],
      ['unknown', () => '&awps_connection_id=nobody&awps_reconnection_token=wrong'],
    ] as const
  ).map(([id, make]) => ({
    id: `fails-${id}`,
    title: `a recovery with ${id.replace('-', ' ')} is upgraded and then closed with 1008`,
    spec: '6.4',
    evidence: 'SE',
    run: async (context: Context) => {
      const client = await reliable(context)
      await failsToRecover(context, { query: make(client.connectionId) }, lost)
    },
  })),
  {
    id: 'wrong-hub',
    title: 'a recovery on another hub fails with 1008',
    spec: '6.3',
    evidence: 'S',
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await cut()
      await failsToRecover(context, { hub: `${context.hub}other`, query: query(client) })
    },
  },
  ...([1000, undefined] as const).map((code) => ({
    id: `ended-by-${code ?? 'no-code'}`,
    title: `a close with ${code ?? 'no code'} ends the session: recovery fails with 1008`,
    spec: '3.6',
    evidence: code ? 'SE' : 'K',
    edges: ['16'],
    run: async (context: Context) => {
      const client = await reliable(context)
      client.socket.close(code)
      await client.closing()
      await context.until(async () => !(await context.service.connectionExists(client.connectionId)), 'its end')
      await failsToRecover(context, { query: query(client) })
    },
  })),
  {
    id: 'close-1001',
    title: 'a close with 1001 leaves the session to be recovered',
    spec: '15.17',
    evidence: 'E',
    run: async (context) => {
      const client = await reliable(context)
      await send(context, client, 'a')
      client.socket.close(1001)
      await client.closing()
      await (await recovered(context, client)).expects(numbered(1, 'a'))
    },
  },
  {
    id: 'rest-close',
    title: 'after a close by REST recovery fails with 1008',
    spec: '13',
    evidence: 'E',
    edges: ['14'],
    run: async (context) => {
      const client = await reliable(context)
      await context.service.closeConnection(client.connectionId)
      await client.expectsClose(1000)
      await failsToRecover(context, { query: query(client) }, lost)
    },
  },
  {
    id: 'rest-close-detached',
    title: 'a close by REST ends a connection that is away, too',
    spec: '6.1',
    evidence: 'E',
    edges: ['14'],
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await cut()
      await context.service.closeConnection(client.connectionId)
      await failsToRecover(context, { query: query(client) })
    },
  },
  {
    id: 'takeover',
    title: 'a second socket takes the session over; the older one is ended',
    spec: '6.4',
    evidence: 'E',
    edges: ['18'],
    run: async (context) => {
      const client = await reliable(context)
      await send(context, client, 'a')
      await client.expects(numbered(1, 'a'))
      const again = await recovered(context, client)
      await again.expects(numbered(1, 'a'))
      await client.closing()
      await send(context, client, 'b')
      await again.expects(numbered(2, 'b'))
    },
  },
  {
    id: 'ttl',
    title: 'a message whose time to live ended while the client was away is dropped',
    spec: '9.2',
    evidence: 'OD',
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await cut()
      await context.service.sendToConnection(client.connectionId, 'short', {
        contentType: 'text/plain',
        messageTtlSeconds: 1,
      })
      await context.service.sendToConnection(client.connectionId, 'long', {
        contentType: 'text/plain',
        messageTtlSeconds: 60,
      })
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      const again = await recovered(context, client)
      await again.expects({ data: 'long' })
    },
  },
  {
    id: 'too-many',
    title: 'more than 1000 messages that nobody confirmed end the session with 1008',
    spec: '6.1',
    evidence: 'D',
    run: async (context) => {
      const client = await reliable(context, { roles: mayAll, groups: ['lobby'] })
      for (let n = 0; n < 1_100; n += 1) client.send('{"type":"sendToGroup","group":"lobby","data":1}')
      await client.expectsClose(1008)
      await failsToRecover(context, { query: query(client) })
    },
  },
  {
    id: 'thousand',
    title: '990 messages that nobody confirmed are kept and come again',
    spec: '6.1',
    evidence: 'D',
    run: async (context) => {
      const { client, cut } = await cuttable(context, { roles: mayAll, groups: ['lobby'] })
      for (let n = 0; n < 990; n += 1) client.send(`{"type":"sendToGroup","group":"lobby","data":${n}}`)
      for (let n = 0; n < 990; n += 1) await client.next()
      await cut()
      const again = await recovered(context, client)
      for (let n = 0; n < 990; n += 1) await again.expects({ data: n, sequenceId: n + 1 })
    },
  },
  {
    id: 'away-too-long',
    title: 'after more than half a minute away the session is gone: recovery fails with 1008',
    spec: '6.1',
    evidence: 'E',
    edges: ['17'],
    isSlow: true,
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await cut()
      await new Promise((resolve) => setTimeout(resolve, 34_000))
      same(await context.service.connectionExists(client.connectionId), false)
      await failsToRecover(context, { query: query(client) }, lost)
    },
  },
])
