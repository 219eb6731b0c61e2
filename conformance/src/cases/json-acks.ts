import { type Context, mayAll, mayJoin, maySend } from '../kit/context.ts'
import { fails, fromLobby, ok, talks } from '../kit/talk.ts'
import { area } from '../model.ts'

export const jsonAckCases = area('json frames', '5', [
  {
    id: 'join-ack',
    title: 'a join with an ackId is acknowledged',
    spec: '5.2',
    evidence: 'D',
    run: (context) => talks(context, { roles: [mayJoin] }, [['{"type":"joinGroup","group":"lobby","ackId":1}', ok(1)]]),
  },
  {
    id: 'leave-ack',
    title: 'a leave with an ackId is acknowledged, of a group he is not in too',
    spec: '5.2',
    evidence: 'DE',
    edges: ['7'],
    run: (context) =>
      talks(context, { roles: [mayJoin] }, [['{"type":"leaveGroup","group":"nobody","ackId":2}', ok(2)]]),
  },
  {
    id: 'send-ack-empty-group',
    title: 'a send to a group without members is acknowledged',
    spec: '5.8',
    evidence: 'DE',
    edges: ['7'],
    run: (context) =>
      talks(context, { roles: [maySend] }, [['{"type":"sendToGroup","group":"nobody","ackId":3,"data":1}', ok(3)]]),
  },
  {
    id: 'join-twice',
    title: 'joining twice is a success and delivers one copy',
    spec: '5.8',
    evidence: 'D',
    run: (context) =>
      talks(context, { roles: mayAll }, [
        ['{"type":"joinGroup","group":"lobby","ackId":1}', ok(1)],
        ['{"type":"joinGroup","group":"lobby","ackId":2}', ok(2)],
        ['{"type":"sendToGroup","group":"lobby","data":1}', fromLobby('"dataType":"json","data":1')],
      ]),
  },
  {
    id: 'leave',
    title: 'who left hears no more',
    spec: '5.8',
    evidence: 'D',
    run: (context) =>
      talks(context, { roles: mayAll, groups: ['lobby'] }, [
        ['{"type":"leaveGroup","group":"lobby","ackId":1}', ok(1)],
        ['{"type":"sendToGroup","group":"lobby","ackId":2,"data":1}', ok(2)],
      ]),
  },
  {
    id: 'echo-before-ack',
    title: 'the own message comes before its ack',
    spec: '15.14',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect({ roles: [maySend], groups: ['lobby'] })
      client.send('{"type":"sendToGroup","group":"lobby","ackId":1,"dataType":"text","data":"x"}')
      await client.expects(fromLobby('"dataType":"text","data":"x"'))
      await client.expects(ok(1))
    },
  },
  ...(
    [
      ['duplicate', 'an ackId that was processed', 1],
      ['big', 'an ackId of 2^53 − 1', Number.MAX_SAFE_INTEGER],
    ] as const
  ).map(([id, words, ackId]) => ({
    id: `ack-${id}`,
    title: `${words} is not executed again: Duplicate, with success false`,
    spec: '5.2',
    evidence: 'DE',
    edges: ['4'],
    run: (context: Context) =>
      talks(context, { roles: [maySend], groups: ['lobby'] }, [
        [`{"type":"sendToGroup","group":"lobby","ackId":${ackId},"noEcho":true,"data":1}`, ok(ackId)],
        [
          `{"type":"sendToGroup","group":"lobby","ackId":${ackId},"data":1}`,
          fails(ackId, 'Duplicate', `Message with ack-id: ${ackId} has been processed`),
        ],
      ]),
  })),
  {
    id: 'ack-one-name-space',
    title: 'ackIds are one name space over all operations',
    spec: '5.2',
    evidence: 'E',
    run: (context) =>
      talks(context, { roles: mayAll }, [
        ['{"type":"joinGroup","group":"lobby","ackId":7}', ok(7)],
        [
          '{"type":"leaveGroup","group":"lobby","ackId":7}',
          fails(7, 'Duplicate', 'Message with ack-id: 7 has been processed'),
        ],
      ]),
  },
  {
    id: 'ack-per-connection',
    title: 'ackIds are known per connection',
    spec: '5.2',
    evidence: 'D',
    run: async (context) => {
      for (let round = 0; round < 2; round += 1) {
        await talks(context, { roles: [mayJoin] }, [['{"type":"joinGroup","group":"lobby","ackId":1}', ok(1)]])
      }
    },
  },
  {
    id: 'ack-after-failure',
    title: 'the ackId of a failed operation may be used again',
    spec: '5.2',
    evidence: 'E',
    edges: ['5'],
    run: async (context) => {
      const client = await context.connect()
      client.send('{"type":"joinGroup","group":"lobby","ackId":1}')
      await client.expects(forbidden(1, 'join'))
      await context.service.grantPermission(client.connectionId, 'joinLeaveGroup', { targetName: 'lobby' })
      client.send('{"type":"joinGroup","group":"lobby","ackId":1}')
      await client.expects(ok(1))
    },
  },
  {
    id: 'ack-zero',
    title: 'an ackId of 0 is accepted',
    spec: '15.18',
    evidence: 'R',
    run: (context) => talks(context, { roles: [mayJoin] }, [['{"type":"joinGroup","group":"lobby","ackId":0}', ok(0)]]),
  },
  {
    id: 'ack-64-bit',
    title: 'an ackId of 2^64 − 1 is echoed in all its digits',
    spec: '15.18',
    evidence: 'DR',
    run: (context) =>
      talks(context, { roles: [mayJoin] }, [
        [
          '{"type":"joinGroup","group":"lobby","ackId":18446744073709551615}',
          '{"type":"ack","ackId":18446744073709551615,"success":true}',
        ],
      ]),
  },
  ...(['join', 'leave', 'send'] as const).flatMap((what) => [
    {
      id: `forbidden-${what}`,
      title: `${what} without permission is answered with Forbidden and its text`,
      spec: '5.2',
      evidence: 'E',
      edges: ['6'],
      run: (context: Context) => talks(context, {}, [[frameOf(what, ',"ackId":1'), forbidden(1, what)]]),
    },
    {
      id: `forbidden-name-${what}`,
      title: `${what} without permission fails with the name Forbidden; the connection stays`,
      spec: '5.2',
      evidence: 'D',
      edges: ['6'],
      run: async (context: Context) => {
        const client = await context.connect()
        client.send(frameOf(what, ',"ackId":1'))
        await client.expects({ type: 'ack', ackId: 1, success: false, error: { name: 'Forbidden' } })
        await client.silence()
      },
    },
    {
      id: `forbidden-silent-${what}`,
      title: `${what} without permission and ackId is not done, and answered with silence`,
      spec: '5.2',
      evidence: 'D',
      edges: ['6'],
      run: async (context: Context) => {
        const member = await context.connect({ groups: ['lobby'] })
        const client = await context.connect({ groups: what === 'leave' ? ['lobby'] : [] })
        client.send(frameOf(what, ''))
        await client.silence()
        await context.service.group('lobby').sendToAll('marker', { contentType: 'text/plain' })
        await member.expects(fromLobby('"dataType":"text","data":"marker"'))
        if (what === 'leave') await client.expects(fromLobby('"dataType":"text","data":"marker"'))
        await client.silence()
      },
    },
  ]),
])

const forbidden = (ackId: number, what: 'join' | 'leave' | 'send') =>
  fails(
    ackId,
    'Forbidden',
    `The client does not have permission to ${what === 'send' ? 'send to' : what} group 'lobby'.`,
  )

function frameOf(what: 'join' | 'leave' | 'send', rest: string): string {
  if (what === 'send') return `{"type":"sendToGroup","group":"lobby"${rest},"data":1}`
  return `{"type":"${what}Group","group":"lobby"${rest}}`
}
