import { membersOfAudience, publish } from './audience.ts'
import { closeForBackend } from './connection.ts'
import { joinGroup, leaveGroup } from './hub.ts'
import type { Connection, Hub } from './model.ts'
import { isGroupName } from './names.ts'
import { badRequest, noConnection, noUser } from './service-error.ts'
import { type FanOutOptions, readContent } from './service-message.ts'

/** One group, as the official client's `group(name)`. Members are put in without any permission of theirs. */
export interface GroupService {
  readonly groupName: string
  readonly hubName: string
  sendToAll(message: unknown, options?: FanOutOptions): Promise<void>
  /** Puts in the connections that the user has now; rejects with 404 when he has none. */
  addUser(userId: string): Promise<void>
  removeUser(userId: string): Promise<void>
  /** Rejects with 404 when there is no such connection. */
  addConnection(connectionId: string): Promise<void>
  removeConnection(connectionId: string): Promise<void>
  closeAllConnections(options?: { reason?: string }): Promise<void>
}

/** Throws a 400 for a name that no group may have. */
export function createGroupService(hub: Hub, name: string): GroupService {
  requireGroupName(name)
  return { groupName: name, hubName: hub.name, ...reaching(hub, name), ...membership(hub, name) }
}

export function requireGroupName(name: string): void {
  if (isGroupName(name)) return
  throw badRequest('Invalid group name. Valid group name should be in between 1 and 1024 characters long.')
}

/** Those that are there; other ids are ignored (spec 13, row 24). */
export function excludedIn({ connections }: Hub, ids: string[] = []): Set<Connection> {
  return new Set(ids.map((id) => connections.get(id)).filter((connection) => connection !== undefined))
}

const reaching = (hub: Hub, name: string): Pick<GroupService, 'sendToAll' | 'closeAllConnections'> => ({
  async sendToAll(message, options = {}) {
    const content = readContent(hub, message, options)
    const group = hub.groups.get(name)
    const excluded = excludedIn(hub, options.excludedConnections)
    if (group) publish(group, { message: { from: 'group', group: name, content }, excluded })
  },
  async closeAllConnections({ reason } = {}) {
    const group = hub.groups.get(name)
    for (const connection of group ? membersOfAudience(group) : []) closeForBackend(connection, reason)
  },
})

type Membership = Pick<GroupService, 'addUser' | 'removeUser' | 'addConnection' | 'removeConnection'>

const membership = (hub: Hub, name: string): Membership => ({
  async addUser(userId) {
    const connections = hub.users.get(userId)
    if (!connections) throw noUser(userId)
    for (const connection of connections) joinGroup(connection, name)
  },
  async removeUser(userId) {
    for (const connection of hub.users.get(userId) ?? []) leaveGroup(connection, name)
  },
  async addConnection(connectionId) {
    const connection = hub.connections.get(connectionId)
    if (!connection) throw noConnection(connectionId, 'Error')
    joinGroup(connection, name)
  },
  async removeConnection(connectionId) {
    const connection = hub.connections.get(connectionId)
    if (connection) leaveGroup(connection, name)
  },
})
