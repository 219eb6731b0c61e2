import { type Context, mayAll, maySend } from '../kit/context.ts'
import { includes, rejects, same } from '../kit/expect.ts'
import { forEachClient, type Start } from '../kit/sdk-cases.ts'

/** What applications do with the official client, in each version of it. */
export const sdkCases = forEachClient([
  ...(['json', 'reliable'] as const).map((protocol) => ({
    id: `talks-${protocol}`,
    title: `joins, sends and hears over ${protocol === 'json' ? 'json' : 'reliable json'}`,
    spec: '5.2',
    evidence: 'K',
    run: async (context: Context, start: Start) => {
      const alice = await start[protocol]({ userId: 'alice', roles: mayAll })
      same(alice.heard.connected[0]?.userId, 'alice', 'connected')
      await alice.joinGroup('lobby')
      includes(await alice.sendToGroup('lobby', { text: 'hi' }, 'json'), { isDuplicated: false })
      await alice.sendToGroup('lobby', 'hi', 'text')
      await alice.sendToGroup('lobby', new Uint8Array([1, 2]).buffer, 'binary')
      await context.until(() => alice.heard.group.length === 3, 'three messages')
      const [one, two, three] = alice.heard.group
      same([one?.data, two?.data, one?.fromUserId], [{ text: 'hi' }, 'hi', 'alice'])
      same([...new Uint8Array(three?.data as ArrayBuffer)], [1, 2], 'bytes') // binary data is handed out as such
      await alice.leaveGroup('lobby')
      await alice.sendToGroup('lobby', 'unheard', 'text')
      same(alice.heard.group.length, 3, 'after leaving')
    },
  })),
  {
    id: 'duplicate',
    title: 'a repeated ackId resolves as duplicated',
    spec: '5.2',
    evidence: 'K',
    edges: ['4'],
    run: async (context, start) => {
      const alice = await start.json({ roles: mayAll })
      includes(await alice.sendToGroup('lobby', 'a', 'text', { ackId: 9 }), { ackId: 9, isDuplicated: false })
      includes(await alice.sendToGroup('lobby', 'a', 'text', { ackId: 9 }), { ackId: 9, isDuplicated: true })
    },
  },
  {
    id: 'forbidden',
    title: 'what is not permitted rejects with the name Forbidden',
    spec: '5.2',
    evidence: 'K',
    edges: ['6'],
    run: async (context, start) => {
      const alice = await start.json({}, { messageRetryOptions: { maxRetries: 1, retryDelayInMs: 10 } })
      const error = await rejects(alice.joinGroup('lobby'))
      includes(error, { name: 'SendMessageError', errorDetail: { name: 'Forbidden' } })
    },
  },
  {
    id: 'no-echo',
    title: 'noEcho and fireAndForget',
    spec: '5.1',
    evidence: 'K',
    edges: ['23'],
    run: async (context, start) => {
      const [alice, bob] = await Promise.all([
        start.json({ userId: 'alice', roles: mayAll, groups: ['lobby'] }),
        start.json({ userId: 'bob', groups: ['lobby'] }),
      ])
      await alice.sendToGroup('lobby', 'a', 'text', { noEcho: true, fireAndForget: true })
      await alice.sendToGroup('lobby', 'b', 'text')
      await context.until(() => bob.heard.group.length === 2, 'both messages at the other')
      same(
        alice.heard.group.map(({ data }) => data),
        ['b'],
      )
    },
  },
  {
    id: 'disconnected',
    title: 'a close by REST is told with its reason',
    spec: '3.5',
    evidence: 'KE',
    edges: ['13'],
    run: async (context, start) => {
      const alice = await start.json({ userId: 'alice' }, { autoReconnect: false })
      await context.service.closeUserConnections('alice', { reason: 'maintenance' })
      await context.until(() => alice.heard.stopped === 1, 'the end')
      same(alice.heard.disconnected, ['Application server closed the connection. Reason: maintenance'])
    },
  },
  {
    id: 'reconnects',
    title: 'after a cut a plain client connects anew and is in its groups again before it says connected',
    evidence: 'K',
    run: async (context, start) => {
      const proxy = await context.proxy()
      const alice = await start.json({ roles: mayAll, proxy })
      await alice.joinGroup('lobby')
      proxy.cut()
      await context.until(() => alice.heard.connected.length === 2, 'connected again')
      await context.service.group('lobby').sendToAll('hi', { contentType: 'text/plain' })
      await context.until(() => alice.heard.group.length === 1, 'the message')
      same(alice.heard.rejoinFailed, [])
    },
  },
  {
    id: 'recovers',
    title: 'after a cut a reliable client recovers: same connection, nothing lost, nothing twice, in order',
    spec: '6.4',
    evidence: 'K',
    edges: ['17', '19'],
    run: async (context, start) => {
      const proxy = await context.proxy()
      const alice = await start.reliable({ userId: 'alice', groups: ['lobby'], proxy })
      const lobby = context.service.group('lobby')
      for (let n = 0; n < 30; n += 1) {
        await lobby.sendToAll({ n })
        if (n % 10 === 5) proxy.cut()
      }
      await context.until(() => alice.heard.group.length >= 30, 'all messages')
      same(
        alice.heard.group.map(({ data }) => data),
        Array.from({ length: 30 }, (_, n) => ({ n })),
      )
      same(alice.heard.connected.length, 1, 'connected is told once')
      same(
        proxy.requests.slice(1).every((line) => line.includes('awps_reconnection_token=')),
        true,
        'recoveries',
      )
    },
  },
  {
    id: 'recovers-mid-frame',
    title: 'cut in the midst of frames, each message arrives exactly once, in order',
    spec: '6.4',
    evidence: 'K',
    run: async (context, start) => {
      const proxy = await context.proxy()
      const alice = await start.reliable({ userId: 'alice', groups: ['lobby'], proxy })
      const sender = await context.connect({ roles: [maySend] })
      for (let n = 0; n < 60; n += 1) {
        if (n % 20 === 0) proxy.cutAfter(500 + n)
        sender.send({ type: 'sendToGroup', group: 'lobby', data: n })
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      await context.until(() => alice.heard.group.length >= 60, 'all messages')
      same(
        alice.heard.group.map(({ data }) => data),
        Array.from({ length: 60 }, (_, n) => n),
      )
    },
  },
  {
    id: 'unrecoverable',
    title: 'when the session is gone it connects anew and joins its groups again',
    evidence: 'K',
    edges: ['14'],
    run: async (context, start) => {
      const proxy = await context.proxy()
      const alice = await start.reliable({ roles: mayAll, proxy })
      await alice.joinGroup('lobby')
      await context.service.closeConnection(alice.heard.connected[0]?.connectionId ?? '')
      await context.until(() => alice.heard.connected.length === 2, 'connected again')
      await context.service.group('lobby').sendToAll('hi', { contentType: 'text/plain' })
      await context.until(() => alice.heard.group.length === 1, 'the message')
    },
  },
  {
    id: 'stop',
    title: 'stop ends the session at once',
    spec: '3.6',
    evidence: 'K',
    edges: ['16'],
    run: async (context, start) => {
      const alice = await start.reliable()
      const { connectionId = '' } = alice.heard.connected[0] ?? {}
      alice.stop()
      await context.until(async () => !(await context.service.connectionExists(connectionId)), 'its end')
      await context.until(() => alice.heard.stopped === 1, 'the event stopped')
    },
  },
])
