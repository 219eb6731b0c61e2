import type { Client } from '../kit/client.ts'
import type { Context } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { area } from '../model.ts'

type Verdict = 'yes' | 'no'

/** A role, a group, and whether it lets a connection join or send there. */
const rules: [role: string, group: string, join: Verdict, send: Verdict, evidence: string][] = [
  ['webpubsub.joinLeaveGroup', 'lobby', 'yes', 'no', 'D'],
  ['webpubsub.sendToGroup', 'lobby', 'no', 'yes', 'D'],
  ['webpubsub.joinLeaveGroup.lobby', 'lobby', 'yes', 'no', 'D'],
  ['webpubsub.joinLeaveGroup.lobby', 'other', 'no', 'no', 'D'],
  ['webpubsub.sendToGroup.lobby', 'lobby', 'no', 'yes', 'D'],
  ['webpubsub.sendToGroup.lobby', 'Lobby', 'no', 'no', 'D'],
  ['webpubsub.sendToGroup.a.b.c', 'a.b.c', 'no', 'yes', 'D'],
  ['webpubsub.sendToGroup.*', 'lobby', 'no', 'no', 'D'],
  ['webpubsub.sendToGroup.*', '*', 'no', 'yes', 'D'],
  ['webpubsub.sendToGroups.*', 'lobby', 'no', 'yes', 'D'],
  ['webpubsub.sendToGroups.*', 'a.b', 'no', 'no', 'D'],
  ['webpubsub.sendToGroups.**', 'a.b', 'no', 'yes', 'D'],
  ['webpubsub.joinLeaveGroups.room-*', 'room-7', 'yes', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.room-*', 'room-', 'yes', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.room-*', 'my-room-7', 'no', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.room-?', 'room-7', 'yes', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.room-?', 'room-77', 'no', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.room?', 'room.', 'no', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.a\\*b', 'a*b', 'yes', 'no', 'DE'],
  ['webpubsub.joinLeaveGroups.a\\*b', 'axb', 'no', 'no', 'DE'],
  ['webpubsub.joinLeaveGroups.**.log', 'a.b.log', 'yes', 'no', 'D'],
  ['webpubsub.joinLeaveGroups.a\\b', 'a\\b', 'no', 'no', 'E'],
  ['webpubsub.joinLeaveGroups.*a*b*c*d*e*', 'abcde', 'no', 'no', 'E'],
  ['webpubsub.somethingElse', 'lobby', 'no', 'no', 'D'],
  ['joinLeaveGroup', 'lobby', 'no', 'no', 'D'],
]

export const permissionCases = area('permissions', '2.5', [
  ...rules.map(([role, group, join, send, evidence], at) => ({
    id: `role-${at + 1}`,
    title: `${role}: join ${group} ${join}, send to it ${send}`,
    evidence,
    run: async (context: Context) => {
      const client = await context.connect({ roles: [role] })
      same([await tries(client, 'joinGroup', group), await tries(client, 'sendToGroup', group)], [join, send])
    },
  })),
  {
    id: 'role-text',
    title: 'the role claim may be one text',
    spec: '2.2',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ token: context.token({ role: 'webpubsub.joinLeaveGroup' }) })
      same(await tries(client, 'joinGroup', 'lobby'), 'yes')
    },
  },
  {
    id: 'member-may-not-send',
    title: 'being a member does not allow sending',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ groups: ['lobby'] })
      same(await tries(client, 'sendToGroup', 'lobby'), 'no')
    },
  },
  {
    id: 'member-may-not-join',
    title: 'joining again without permission is Forbidden, and membership is kept',
    spec: '15.22',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect({ groups: ['lobby'] })
      same(await tries(client, 'joinGroup', 'lobby'), 'no')
      await context.service.group('lobby').sendToAll('x', { contentType: 'text/plain' })
      await client.expects({ data: 'x' })
    },
  },
  {
    id: 'grant',
    title: 'a grant holds at once, for its group alone',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect()
      await context.service.grantPermission(client.connectionId, 'sendToGroup', { targetName: 'lobby' })
      same([await tries(client, 'sendToGroup', 'lobby'), await tries(client, 'sendToGroup', 'other')], ['yes', 'no'])
    },
  },
  {
    id: 'grant-is-literal',
    title: 'a grant of * is for the group of that name alone',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect()
      await context.service.grantPermission(client.connectionId, 'sendToGroup', { targetName: '*' })
      same([await tries(client, 'sendToGroup', '*'), await tries(client, 'sendToGroup', 'x')], ['yes', 'no'])
    },
  },
  {
    id: 'revoke',
    title: 'a revoke holds at once and does not evict',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect({ roles: ['webpubsub.joinLeaveGroup.lobby'] })
      same(await tries(client, 'joinGroup', 'lobby'), 'yes')
      await context.service.revokePermission(client.connectionId, 'joinLeaveGroup', { targetName: 'lobby' })
      same(await tries(client, 'joinGroup', 'lobby'), 'no')
      await context.service.group('lobby').sendToAll('x', { contentType: 'text/plain' })
      await client.expects({ data: 'x' })
    },
  },
  ...['webpubsub.sendToGroup', 'webpubsub.sendToGroups.lob*'].map((role) => ({
    id: `revoke-from-${role.endsWith('*') ? 'pattern' : 'all'}`,
    title: `a revoke of one group denies it to a holder of ${role}; a grant allows it again`,
    evidence: 'E',
    run: async (context: Context) => {
      const client = await context.connect({ roles: [role] })
      const lobby = { targetName: 'lobby' }
      await context.service.revokePermission(client.connectionId, 'sendToGroup', lobby)
      same([await tries(client, 'sendToGroup', 'lobby'), await tries(client, 'sendToGroup', 'lobster')], ['no', 'yes'])
      same(await context.service.hasPermission(client.connectionId, 'sendToGroup', lobby), false, 'asked for')
      await context.service.grantPermission(client.connectionId, 'sendToGroup', lobby)
      same(await tries(client, 'sendToGroup', 'lobby'), 'yes', 'granted again')
    },
  })),
  {
    id: 'has-permission-of-role',
    title: 'what a role or a pattern allows is seen by hasPermission',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect({ roles: ['webpubsub.sendToGroups.lob*', 'webpubsub.joinLeaveGroup'] })
      const { service } = context
      same(await service.hasPermission(client.connectionId, 'sendToGroup', { targetName: 'lobby' }), true, 'pattern')
      same(await service.hasPermission(client.connectionId, 'sendToGroup', { targetName: 'x' }), false, 'no match')
      same(await service.hasPermission(client.connectionId, 'joinLeaveGroup', { targetName: 'x' }), true, 'role')
    },
  },
  {
    id: 'permission-case',
    title: 'the permission in the REST path is compared without case',
    spec: '1.2',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect()
      const path = `/permissions/SENDTOGROUP/connections/${client.connectionId}?targetName=lobby`
      same((await context.rest('PUT', path)).status, 200)
      same(await tries(client, 'sendToGroup', 'lobby'), 'yes')
    },
  },
  {
    id: 'not-for-the-next',
    title: 'a grant does not outlive its connection',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ userId: 'alice' })
      await context.service.grantPermission(client.connectionId, 'sendToGroup', { targetName: 'lobby' })
      client.socket.close()
      const next = await context.connect({ userId: 'alice' })
      same(await tries(next, 'sendToGroup', 'lobby'), 'no')
    },
  },
])

const ids = new WeakMap<Client, number>()

/** Whether the connection may; messages that come back are skipped. */
async function tries(client: Client, type: 'joinGroup' | 'sendToGroup', group: string): Promise<Verdict> {
  const ackId = (ids.get(client) ?? 0) + 1
  ids.set(client, ackId)
  client.send({ type, group, ackId, noEcho: true, data: 1 })
  const { success, error } = await client.skipTo({ type: 'ack', ackId })
  if (success === true) return 'yes'
  same((error as { name: string }).name, 'Forbidden') // a failed ack has an error
  return 'no'
}
