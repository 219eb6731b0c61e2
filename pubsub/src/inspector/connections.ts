import type { Connection, Group, Hub } from '../model.ts'
import { type ConnectionRow, type ConnectionSort, feedLimits, type FeedQuery, type Paged } from './feed.ts'

/** As many of those that have just gone come first, the others last: whoever is here should be seen. */
const goneFirst = 3

/** One page of a hub's connections, and of those that have just gone; of a group's, only those that are there. */
export function listConnections(hub: Hub, gone: Connection[], query: FeedQuery): ConnectionList {
  const isMeant = matcherOf(hub, query)
  const present = select(hub, query.group).filter(isMeant)
  const departed = query.group === undefined ? gone.filter(isMeant).reverse() : []
  const ordered = orders[query.sort ?? 'newest'](present)
  const all = [...departed.slice(0, goneFirst), ...ordered, ...departed.slice(goneFirst)]
  return { connections: pageOf(all, query.page ?? 0, toRow), gone: departed.length }
}

interface ConnectionList {
  connections: Paged<ConnectionRow>
  gone: number
}

export function pageOf<Item, Row>(items: Item[], asked: number, toRow: (item: Item) => Row): Paged<Row> {
  const { pageRows } = feedLimits
  const page = Math.max(0, Math.min(asked, Math.ceil(items.length / pageRows) - 1))
  return { rows: items.slice(page * pageRows, (page + 1) * pageRows).map(toRow), total: items.length, page }
}

const select = ({ connections, groups }: Hub, group: string | undefined): Connection[] =>
  group === undefined ? [...connections.values()] : membersOf(groups.get(group))

const membersOf = (group: Group | undefined): Connection[] =>
  group ? [...group.members.values()].flatMap((members) => Array.from(members)) : []

export function memberCount({ members }: Group): number {
  let count = 0
  for (const some of members.values()) count += some.size
  return count
}

/** How many groups of a matching name a search looks into. */
const groupsSearched = 20

function matcherOf({ groups }: Hub, { search = '' }: FeedQuery): (connection: Connection) => boolean {
  const part = search.trim().toLowerCase()
  if (part === '') return () => true
  const meant: Group[] = []
  for (const group of groups.values()) {
    if (meant.length < groupsSearched && group.name.toLowerCase().includes(part)) meant.push(group)
  }
  return ({ context: { connectionId, userId }, groups }) =>
    (userId?.toLowerCase().includes(part) ?? false) ||
    connectionId.toLowerCase().startsWith(part) ||
    meant.some((group) => groups.has(group))
}

const orders: Record<ConnectionSort, (connections: Connection[]) => Connection[]> = {
  newest: (connections) => connections.reverse(),
  oldest: (connections) => connections,
  user: (connections) => connections.sort((one, other) => compare(userOf(one), userOf(other))),
  groups: (connections) => connections.sort((one, other) => other.groups.size - one.groups.size),
  unread: (connections) =>
    connections
      .map((connection) => ({ connection, bytes: unreadBytesOf(connection) }))
      .sort((one, other) => other.bytes - one.bytes)
      .map(({ connection }) => connection),
}

/** Those without a user come last. */
const userOf = ({ context }: Connection) => context.userId ?? '\uffff'
const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other))

export function toRow(connection: Connection): ConnectionRow {
  const { context, since, groups, session } = connection
  return {
    id: context.connectionId,
    ...(context.userId !== undefined && { userId: context.userId }),
    subprotocol: context.subprotocol ?? 'simple',
    since,
    groups: groups.size,
    state: stateOf(connection),
    unreadBytes: unreadBytesOf(connection),
    ...(session && { lastSequenceId: session.lastSequenceId }),
  }
}

function stateOf({ hasEnded, socket }: Connection): ConnectionRow['state'] {
  if (hasEnded) return 'gone'
  return socket ? 'attached' : 'detached'
}

function unreadBytesOf({ hasEnded, socket, session }: Connection): number {
  if (hasEnded) return 0
  return (socket?.readyState === WebSocket.OPEN ? socket.getBufferedAmount() : 0) + (session?.bytes ?? 0)
}
