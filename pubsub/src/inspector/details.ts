import type { Connection } from '../model.ts'
import { queueLength } from '../queue.ts'
import { formatRolePattern } from '../role-pattern.ts'
import type { PermissionName } from '../roles.ts'
import { toRow } from './connections.ts'
import { type ConnectionView, feedLimits, type PermissionView } from './feed.ts'

/** Everything about one connection but its frames. */
export function describeConnection(connection: Connection): ConnectionView {
  const { groups, streams, invocations, session, context } = connection
  const groupNames = Array.from(groups, ({ name }) => name).sort()
  return {
    ...toRow(connection),
    groupNames: groupNames.slice(0, feedLimits.listed),
    permissions: {
      joinLeaveGroup: describePermission(connection, 'joinLeaveGroup'),
      sendToGroup: describePermission(connection, 'sendToGroup'),
    },
    streams: streams?.size ?? 0,
    invocations: invocations?.size ?? 0,
    ...(session && { unconfirmed: queueLength(session.unconfirmed) }),
    stateBytes: Buffer.byteLength(context.state ?? ''),
  }
}

function describePermission({ permissions }: Connection, name: PermissionName): PermissionView {
  const { all, literals, patterns } = permissions[name]
  const named = (isAllowed: boolean) =>
    [...literals]
      .filter(([, value]) => value === isAllowed)
      .map(([group]) => group)
      .slice(0, feedLimits.listed)
  return { all, allowed: named(true), denied: named(false), patterns: patterns.map((one) => formatRolePattern(one)) }
}
