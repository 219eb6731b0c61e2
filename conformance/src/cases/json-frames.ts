import { type Context, json, mayAll, mayJoin, maySend } from '../kit/context.ts'
import { fails, fromLobby, ok, talks } from '../kit/talk.ts'
import { area } from '../model.ts'

/** A payload as a member of the group sees it: what is sent, and how it is spelled when it arrives. */
const payloads: [id: string, sent: string, arrives: string, evidence: string][] = [
  ['json', '"dataType":"json","data":{"text":"hi"}', '"dataType":"json","data":{"text":"hi"}', 'D'],
  ['json-default', '"data":{"text":"hi"}', '"dataType":"json","data":{"text":"hi"}', 'D'],
  ['json-number', '"dataType":"json","data":7', '"dataType":"json","data":7', 'D'],
  ['json-false', '"dataType":"json","data":false', '"dataType":"json","data":false', 'D'],
  ['json-text', '"dataType":"json","data":"hi"', '"dataType":"json","data":"hi"', 'D'],
  ['json-raw', '"dataType":"json","data":{"n":1.50}', '"dataType":"json","data":{"n":1.50}', 'W'],
  ['text', '"dataType":"text","data":"hi"', '"dataType":"text","data":"hi"', 'D'],
  ['text-empty', '"dataType":"text","data":""', '"dataType":"text","data":""', 'E'],
  ['text-unicode', '"dataType":"text","data":"ü😀"', '"dataType":"text","data":"ü😀"', 'D'],
  ['binary', '"dataType":"binary","data":"AQID"', '"dataType":"binary","data":"AQID"', 'D'],
  ['protobuf', '"dataType":"protobuf","data":"CgFh"', '"dataType":"protobuf","data":"CgFh"', 'KR'],
  [
    'metadata',
    '"dataType":"text","data":"hi","metadata":{"trace":"42"}',
    '"dataType":"text","data":"hi","metadata":{"trace":"42"}',
    'E',
  ],
]

export const jsonFrameCases = area('json frames', '5', [
  ...payloads.map(([id, sent, arrives, evidence]) => ({
    id: `payload-${id}`,
    title: `${sent} arrives as ${arrives}, in this order of properties`,
    spec: '5.3',
    evidence,
    edges: id === 'text-empty' ? ['30'] : ['1'],
    run: (context: Context) =>
      talks(context, { userId: 'alice', roles: [maySend], groups: ['lobby'] }, [
        [`{"type":"sendToGroup","group":"lobby",${sent}}`, fromLobby(`"fromUserId":"alice",${arrives}`)],
      ]),
  })),
  {
    id: 'order-inbound',
    title: 'the order of properties does not matter inbound, nor do unknown ones',
    spec: '5',
    evidence: 'D',
    run: (context) =>
      talks(context, { roles: [maySend], groups: ['lobby'] }, [
        [
          '{"data":"hi","x":{"y":[1]},"dataType":"text","group":"lobby","type":"sendToGroup"}',
          fromLobby('"dataType":"text","data":"hi"'),
        ],
      ]),
  },
  {
    id: 'type-case',
    title: 'the type of a frame is compared without case',
    spec: '5',
    evidence: 'E',
    run: (context) => talks(context, { roles: [mayJoin] }, [['{"type":"JOINGROUP","group":"lobby","ackId":1}', ok(1)]]),
  },
  {
    id: 'anonymous-sender',
    title: 'a message of a sender without a user has no fromUserId',
    spec: '15.2',
    evidence: 'DR',
    run: (context) =>
      talks(context, { roles: [maySend], groups: ['lobby'] }, [
        [
          '{"type":"sendToGroup","group":"lobby","dataType":"text","data":"x"}',
          fromLobby('"dataType":"text","data":"x"'),
        ],
      ]),
  },
  {
    id: 'no-echo',
    title: 'noEcho leaves out the sending connection only, not the other ones of the same user',
    spec: '5.1',
    evidence: 'D',
    edges: ['23', '32'],
    run: async (context) => {
      const options = { userId: 'alice', roles: [maySend], groups: ['lobby'] }
      const [one, two] = await Promise.all([context.connect(options), context.connect(options)])
      one.send('{"type":"sendToGroup","group":"lobby","ackId":1,"noEcho":true,"dataType":"text","data":"x"}')
      await two.expects(fromLobby('"fromUserId":"alice","dataType":"text","data":"x"'))
      await one.expects(ok(1))
      await one.silence()
    },
  },
  {
    id: 'to-all-members',
    title: 'every member gets one copy, a non-member none',
    spec: '5.8',
    evidence: 'D',
    run: async (context) => {
      const members = await Promise.all([1, 2, 3].map(() => context.connect({ groups: ['lobby', 'other'] })))
      const [outsider, sender] = await Promise.all([context.connect(), context.connect({ roles: [maySend] })])
      sender.send('{"type":"sendToGroup","group":"lobby","ackId":1,"dataType":"text","data":"x"}')
      await Promise.all(members.map((member) => member.expects(fromLobby('"dataType":"text","data":"x"'))))
      await sender.expects(ok(1))
      await Promise.all([...members, outsider].map((client) => client.silence()))
    },
  },
  {
    id: 'sending-is-not-membership',
    title: 'who may send need not be a member and hears nothing',
    spec: '2.5',
    evidence: 'D',
    run: (context) =>
      talks(context, { roles: [maySend] }, [['{"type":"sendToGroup","group":"lobby","ackId":1,"data":1}', ok(1)]]),
  },
  {
    id: 'order',
    title: 'frames of one sender to one group stay in order',
    spec: '5.8',
    evidence: 'D',
    edges: ['22'],
    run: async (context) => {
      const reader = await context.connect({ groups: ['lobby'] })
      const sender = await context.connect({ roles: [maySend] })
      for (let n = 0; n < 50; n += 1) sender.send({ type: 'sendToGroup', group: 'lobby', data: n })
      for (let n = 0; n < 50; n += 1) await reader.expects(fromLobby(`"dataType":"json","data":${n}`))
    },
  },
  {
    id: 'group-case',
    title: 'group names are compared with case',
    spec: '1.2',
    evidence: 'E',
    edges: ['38'],
    run: async (context) => {
      const client = await context.connect({ roles: [maySend], groups: ['lobby'] })
      client.send('{"type":"sendToGroup","group":"Lobby","ackId":1,"data":1}')
      await client.expects(ok(1))
    },
  },
  {
    id: 'group-any-characters',
    title: 'a group may be named with any characters',
    spec: '1.2',
    evidence: 'O',
    run: async (context) => {
      const group = 'a/b c%2F?#ü😀.'
      const client = await context.connect({ roles: mayAll })
      client.send({ type: 'joinGroup', group, ackId: 1 })
      await client.expects(ok(1))
      client.send({ type: 'sendToGroup', group, data: 1 })
      await client.expects({ from: 'group', group, data: 1 })
    },
  },
  {
    id: 'event-unhandled',
    title: 'an event that nobody handles fails with InternalServerError; the connection stays',
    spec: '10.3',
    evidence: 'E',
    edges: ['37'],
    run: (context) =>
      talks(context, {}, [
        [
          '{"type":"event","event":"echo","ackId":5,"data":1}',
          fails(5, 'InternalServerError', 'Internal server error'),
        ],
        ['{"type":"event","event":"echo","data":1}', ''],
      ]),
  },
  {
    id: 'ping',
    title: 'ping is answered with pong',
    spec: '5.5',
    evidence: 'K',
    run: (context) => talks(context, {}, [['{"type":"ping"}', '{"type":"pong"}']]),
  },
  {
    id: 'sequence-ack-ignored',
    title: 'a sequenceAck on a connection that is not reliable is ignored',
    spec: '6.1',
    evidence: 'S',
    run: (context) => talks(context, {}, [['{"type":"sequenceAck","sequenceId":17}', '']]),
  },
  {
    id: 'ttl-values',
    title: 'ttlSeconds from 0 to 300 are accepted',
    spec: '5.1',
    evidence: 'O',
    run: (context) =>
      talks(context, { roles: [maySend] }, [
        ['{"type":"sendToGroup","group":"g","ackId":1,"ttlSeconds":0,"data":1}', ok(1)],
        ['{"type":"sendToGroup","group":"g","ackId":2,"ttlSeconds":300,"data":1}', ok(2)],
      ]),
  },
  {
    id: 'no-sequence-id',
    title: 'messages have no sequenceId without the reliable protocol',
    spec: '5.3',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ protocols: [json] })
      await context.service.sendToAll('x', { contentType: 'text/plain' })
      await client.expects('{"type":"message","from":"server","dataType":"text","data":"x"}')
    },
  },
])
