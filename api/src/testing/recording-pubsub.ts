import type { PubSubService } from '../ports.ts'

export interface ServerMessage {
  chatEvent: string
  data: unknown
}

interface Connection {
  userId: string
  received: ServerMessage[]
  /** The chats to whose groups it may send. */
  mayTalkIn: Set<string>
}

/** The service as a table of who is connected, who is in which group, and what everybody has received. */
export interface RecordingPubSub {
  service: PubSubService
  open(connectionId: string, opening: { userId: string; groups: string[]; roles: string[] }): void
  close(connectionId: string): void
  isOpen(connectionId: string): boolean
  /** What a connection has received since this was asked last. */
  received(connectionId: string): ServerMessage[]
  groupOf(chatId: string): string[]
  mayTalkIn(connectionId: string): string[]
}

/** Of one kind, per connection (webpubsub.md 2.5). */
const permissionsMax = 1_000
const rolePrefix = 'webpubsub.sendToGroup.'

export function createRecordingPubSub(): RecordingPubSub {
  const connections = new Map<string, Connection>()
  const groups = new Map<string, Set<string>>()
  return {
    service: createService(connections, groups),
    open: (connectionId, { userId, groups: names, roles }) => {
      const mayTalkIn = new Set(roles.map((role) => role.slice(rolePrefix.length)))
      connections.set(connectionId, { userId, received: [], mayTalkIn })
      for (const name of names) groupNamed(groups, name).add(connectionId)
    },
    close: (connectionId) => {
      connections.delete(connectionId)
      for (const group of groups.values()) group.delete(connectionId)
    },
    isOpen: (connectionId) => connections.has(connectionId),
    received: (connectionId) => connections.get(connectionId)?.received.splice(0) ?? [],
    groupOf: (chatId) => [...groupNamed(groups, chatId)].toSorted(),
    mayTalkIn: (connectionId) => [...(connections.get(connectionId)?.mayTalkIn ?? [])].toSorted(),
  }
}

type Connections = Map<string, Connection>
type Groups = Map<string, Set<string>>

function createService(connections: Connections, groups: Groups): PubSubService {
  const idsOf = (userId: string) => [...connections].filter(([, { userId: id }]) => id === userId).map(([id]) => id)
  const deliver = (ids: Iterable<string>, message: object) => {
    // Over the wire and back: what is no JSON would not arrive.
    for (const id of ids) connections.get(id)?.received.push(JSON.parse(JSON.stringify(message)) as ServerMessage)
  }
  return {
    getClientAccessToken: async ({ userId }) => {
      const baseUrl = 'wss://contoso.webpubsub.azure.com/client/hubs/chat'
      return { token: `token-of-${userId}`, baseUrl, url: `${baseUrl}?access_token=token-of-${userId}` }
    },
    sendToAll: async (message) => deliver(connections.keys(), message),
    sendToUser: async (userId, message) => deliver(idsOf(userId), message),
    sendToConnection: async (connectionId, message) => deliver([connectionId], message),
    connectionExists: async (connectionId) => connections.has(connectionId),
    closeUserConnections: async (userId) => idsOf(userId).forEach((id) => connections.delete(id)),
    group: (name) => {
      const group = groupNamed(groups, name)
      return {
        sendToAll: async (message) => deliver(group, message),
        addUser: async (userId) => {
          if (idsOf(userId).length === 0) throw notFound()
          for (const id of idsOf(userId)) group.add(id)
        },
        removeUser: async (userId) => idsOf(userId).forEach((id) => group.delete(id)),
        addConnection: async (connectionId) => {
          if (!connections.has(connectionId)) throw notFound()
          group.add(connectionId)
        },
      }
    },
    removeConnectionsFromGroups: async (names, filter) => {
      if (filter !== '') throw new Error('this service evaluates no filter')
      for (const name of names) groupNamed(groups, name).clear()
    },
    grantPermission: async (connectionId, _, { targetName }) => {
      const connection = connections.get(connectionId)
      if (connection === undefined) throw notFound()
      if (connection.mayTalkIn.size >= permissionsMax) throw refusal(409)
      connection.mayTalkIn.add(targetName)
    },
    revokePermission: async (connectionId, _, { targetName }) => {
      connections.get(connectionId)?.mayTalkIn.delete(targetName)
    },
  }
}

function groupNamed(groups: Groups, name: string): Set<string> {
  const group = groups.get(name) ?? new Set()
  groups.set(name, group)
  return group
}

const refusal = (statusCode: number) => Object.assign(new Error(`answered with ${statusCode}`), { statusCode })
const notFound = () => refusal(404)
