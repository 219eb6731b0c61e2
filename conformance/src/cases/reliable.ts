import { mayAll, reliableJson } from '../kit/context.ts'
import { matches, same } from '../kit/expect.ts'
import { cuttable, numbered, query, recover, recovered, reliable, send } from '../kit/sessions.ts'
import { area } from '../model.ts'

export const reliableCases = area('reliable', '6', [
  {
    id: 'connected',
    title: 'connected carries a reconnectionToken as its last property',
    spec: '5.4',
    evidence: 'DS',
    run: async (context) => {
      const { connected, connectionId } = await reliable(context, { userId: 'alice' })
      const { reconnectionToken, ...rest } = connected
      matches(String(reconnectionToken), /^[\w.~-]{16,}$/)
      same(rest, { type: 'system', event: 'connected', userId: 'alice', connectionId })
      same(Object.keys(connected).join(), 'type,event,userId,connectionId,reconnectionToken')
    },
  },
  {
    id: 'no-token-elsewhere',
    title: 'the plain protocol has no reconnectionToken',
    spec: '5.4',
    evidence: 'D',
    run: async (context) => {
      same('reconnectionToken' in (await context.connect()).connected, false)
    },
  },
  {
    id: 'sequence',
    title: 'messages are numbered 1, 2, 3 without gaps; acks, pongs and connected have no number',
    spec: '6.1',
    evidence: 'DS',
    run: async (context) => {
      const client = await reliable(context, { roles: mayAll, groups: ['lobby'] })
      await send(context, client, 'a')
      await client.expects(numbered(1, 'a'))
      client.send('{"type":"sendToGroup","group":"lobby","ackId":1,"noEcho":true,"data":1}')
      await client.expects('{"type":"ack","ackId":1,"success":true}')
      await client.silence()
      client.send('{"type":"sendToGroup","group":"lobby","dataType":"text","data":"b"}')
      await client.expects(
        '{"type":"message","from":"group","group":"lobby","dataType":"text","data":"b","sequenceId":2}',
      )
      await send(context, client, 'c')
      await client.expects(numbered(3, 'c'))
    },
  },
  {
    id: 'recovers',
    title: 'after a cut everything that was not confirmed comes again, byte for byte, then what is new',
    spec: '6.4',
    evidence: 'DS',
    edges: ['17'],
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      for (const text of ['a', 'b', 'c']) await send(context, client, text)
      await client.expects(numbered(1, 'a'))
      client.send('{"type":"sequenceAck","sequenceId":1}')
      await client.expects(numbered(2, 'b'))
      await client.expects(numbered(3, 'c'))
      await client.silence()
      await cut()
      await send(context, client, 'd')
      const again = await recovered(context, client)
      for (const [at, text] of ['b', 'c', 'd'].entries()) await again.expects(numbered(at + 2, text))
      await send(context, client, 'e')
      await again.expects(numbered(5, 'e'))
    },
  },
  {
    id: 'connected-again',
    title: 'a recovery is answered with connected before the replay: same connection, a token',
    spec: '6.4',
    evidence: 'R',
    edges: ['19a'],
    run: async (context) => {
      const { client, cut } = await cuttable(context, { userId: 'alice' })
      await send(context, client, 'a')
      await cut()
      const again = await recover(context, client)
      const { reconnectionToken, ...rest } = await again.frame()
      same(rest, { type: 'system', event: 'connected', userId: 'alice', connectionId: client.connectionId })
      matches(String(reconnectionToken), /\S{16,}/)
      await again.expects(numbered(1, 'a'))
    },
  },
  {
    id: 'many-recoveries',
    title: 'a session may be recovered again and again',
    spec: '6.4',
    evidence: 'SE',
    run: async (context) => {
      const client = await reliable(context)
      await send(context, client, 'a')
      client.socket.terminate()
      for (let round = 0; round < 4; round += 1) {
        const again = await recovered(context, client)
        await again.expects(numbered(1, 'a'))
        again.socket.terminate()
      }
    },
  },
  {
    id: 'ack-is-cumulative',
    title: 'a sequenceAck confirms everything up to its number',
    spec: '6.1',
    evidence: 'DS',
    edges: ['19'],
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      for (const text of ['a', 'b', 'c']) await send(context, client, text)
      for (let n = 0; n < 3; n += 1) await client.next()
      await cut()
      const again = await recover(context, client)
      again.send('{"type":"sequenceAck","sequenceId":3}')
      await send(context, client, 'd')
      await again.skipTo({ sequenceId: 4 })
      again.socket.terminate()
      const third = await recovered(context, client)
      await third.expects(numbered(4, 'd'))
    },
  },
  {
    id: 'ack-beyond',
    title: 'a sequenceAck beyond what was sent does no harm',
    spec: '6.1',
    evidence: 'R',
    run: async (context) => {
      const client = await reliable(context)
      client.send('{"type":"sequenceAck","sequenceId":999}')
      await client.silence()
      await send(context, client, 'a')
      await client.expects(numbered(1, 'a'))
    },
  },
  {
    id: 'subprotocol',
    title: 'a recovery is answered in the subprotocol of the session',
    spec: '6.4',
    evidence: 'S',
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await send(context, client, 'a')
      await cut()
      const again = await recovered(context, client)
      same(again.socket.protocol, reliableJson)
      await again.expects(numbered(1, 'a'))
    },
  },
  {
    id: 'expired-token',
    title: 'a recovery does not look at the access token',
    spec: '6.3',
    evidence: 'KS',
    edges: ['12'],
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await send(context, client, 'a')
      await cut()
      const token = context.token({ exp: 1_600_000_000 })
      const again = await context.attempt({ protocols: [reliableJson], token, query: query(client) })
      if ('status' in again) return same(`handshake ${again.status}`, 'handshake 101')
      await again.skipConnected()
      await again.expects(numbered(1, 'a'))
    },
  },
  {
    id: 'without-access-token',
    title: 'a recovery needs no access token at all',
    spec: '6.3',
    evidence: 'SK',
    edges: ['12'],
    run: async (context) => {
      const { client, cut } = await cuttable(context)
      await send(context, client, 'a')
      await cut()
      const again = await context.attempt({ protocols: [reliableJson], token: null, query: query(client) })
      if ('status' in again) return same(`handshake ${again.status}`, 'handshake 101')
      await again.skipConnected()
      await again.expects(numbered(1, 'a'))
    },
  },
  {
    id: 'detached-is-there',
    title: 'a connection that is away still exists, is listed, and may be put into groups',
    spec: '6.1',
    evidence: 'E',
    edges: ['17'],
    run: async (context) => {
      const { client, cut } = await cuttable(context, { userId: 'alice', groups: ['lobby'] })
      await cut()
      const { service } = context
      same(await service.connectionExists(client.connectionId), true, 'connection')
      same(await service.userExists('alice'), true, 'user')
      same(await service.groupExists('lobby'), true, 'group')
      await service.group('later').addConnection(client.connectionId)
      await service.group('later').sendToAll('x', { contentType: 'text/plain' })
      const again = await recovered(context, client)
      await again.expects(
        '{"type":"message","from":"group","group":"later","dataType":"text","data":"x","sequenceId":1}',
      )
    },
  },
  {
    id: 'keeps-rights',
    title: 'permissions, memberships and the ack cache survive a recovery',
    spec: '2.5',
    evidence: 'E',
    run: async (context) => {
      const { client, cut } = await cuttable(context, { roles: mayAll })
      client.send('{"type":"joinGroup","group":"lobby","ackId":1}')
      await client.expects({ ackId: 1, success: true })
      await cut()
      const again = await recovered(context, client)
      again.send('{"type":"joinGroup","group":"other","ackId":1}')
      await again.expects({ ackId: 1, success: false, error: { name: 'Duplicate' } })
      again.send('{"type":"sendToGroup","group":"lobby","dataType":"text","data":"x"}')
      await again.expects({ from: 'group', data: 'x', sequenceId: 1 })
    },
  },
])
