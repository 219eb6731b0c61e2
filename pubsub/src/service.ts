import { membersOfAudience, publish, sendToEach } from './audience.ts'
import { closeForBackend } from './connection.ts'
import { joinGroup, leaveAllGroups, leaveGroup, openHub } from './hub.ts'
import type { Connection, Engine, Hub } from './model.ts'
import { isGroupName, isHubName } from './names.ts'
import { grant, isAllowed, type PermissionName, revoke } from './roles.ts'
import { badRequest, noConnection, serviceError } from './service-error.ts'
import { createGroupService, excludedIn, type GroupService, requireGroupName } from './service-group.ts'
import { type FanOutOptions, readContent, requireNoFilter, type SendOptions } from './service-message.ts'
import type { Tokens } from './tokens.ts'

export interface ClientAccess {
  token: string
  baseUrl: string
  /** `baseUrl` with the token: a secret. */
  url: string
}

export interface AccessOptions {
  userId?: string
  roles?: string[]
  groups?: string[]
  /** Default 60. */
  expirationTimeInMinutes?: number
}

export interface CloseOptions {
  /** Travels in the client's `disconnected` frame. */
  reason?: string
}

/** `targetName`: the group, in practice required (spec 9.2). */
export interface PermissionOptions {
  targetName?: string
}

/**
 * One hub, with the method names and the meaning of the official `WebPubSubServiceClient` (`@azure/web-pubsub` 1.2.0)
 * but no HTTP between. What REST refuses rejects with an error that has the same `statusCode` and `code`; removing or
 * sending to what is not there succeeds. A send resolves when queued, not when received.
 */
export interface HubService {
  readonly hubName: string
  getClientAccessToken(options?: AccessOptions): Promise<ClientAccess>
  sendToAll(message: unknown, options?: FanOutOptions): Promise<void>
  sendToUser(userId: string, message: unknown, options?: SendOptions & { filter?: string }): Promise<void>
  sendToConnection(connectionId: string, message: unknown, options?: SendOptions): Promise<void>
  closeConnection(connectionId: string, options?: CloseOptions): Promise<void>
  closeUserConnections(userId: string, options?: CloseOptions): Promise<void>
  closeAllConnections(options?: CloseOptions): Promise<void>
  connectionExists(connectionId: string): Promise<boolean>
  userExists(userId: string): Promise<boolean>
  /** A group exists while it has a member. */
  groupExists(name: string): Promise<boolean>
  group(name: string): GroupService
  addConnectionsToGroups(groups: string[], filter: string): Promise<void>
  removeConnectionsFromGroups(groups: string[], filter: string): Promise<void>
  removeConnectionFromAllGroups(connectionId: string): Promise<void>
  removeUserFromAllGroups(userId: string): Promise<void>
  grantPermission(connectionId: string, permission: PermissionName, options?: PermissionOptions): Promise<void>
  revokePermission(connectionId: string, permission: PermissionName, options?: PermissionOptions): Promise<void>
  hasPermission(connectionId: string, permission: PermissionName, options?: PermissionOptions): Promise<boolean>
}

interface ServiceSetup {
  engine: Engine
  tokens: Tokens
  endpoint: URL
}

/** Throws a 400 for a name that no hub may have. */
export function createService(setup: ServiceSetup, hubName: string): HubService {
  if (!isHubName(hubName)) throw badRequest('Invalid hub name.')
  const hub = openHub(setup.engine, hubName)
  return {
    hubName,
    getClientAccessToken: (options) => makeAccess(setup, hubName, options),
    group: (name) => createGroupService(hub, name),
    ...sending(hub),
    ...closing(hub),
    ...looking(hub),
    ...membership(hub),
    ...permissions(hub),
  }
}

async function makeAccess(setup: ServiceSetup, hub: string, options: AccessOptions = {}): Promise<ClientAccess> {
  const { userId, roles, groups, expirationTimeInMinutes: lifeMinutes = 60 } = options
  if (!(lifeMinutes > 0)) throw badRequest('expirationTimeInMinutes is above 0.')
  const token = await setup.tokens.sign({ hub, userId, roles, groups, lifeMinutes })
  const baseUrl = `${setup.endpoint.origin.replace(/^http/, 'ws')}/client/hubs/${hub}`
  return { token, baseUrl, url: `${baseUrl}?access_token=${token}` }
}

const sending = (hub: Hub): Pick<HubService, 'sendToAll' | 'sendToUser' | 'sendToConnection'> => ({
  async sendToAll(message, options = {}) {
    const content = readContent(hub, message, options)
    const excluded = excludedIn(hub, options.excludedConnections)
    publish(hub.everyone, { message: { from: 'server', content }, excluded })
  },
  async sendToUser(userId, message, options) {
    const content = readContent(hub, message, options)
    sendToEach(hub.users.get(userId) ?? [], { message: { from: 'server', content } })
  },
  async sendToConnection(connectionId, message, options) {
    const content = readContent(hub, message, options)
    const connection = hub.connections.get(connectionId)
    if (connection) sendToEach([connection], { message: { from: 'server', content } })
  },
})

const closing = (hub: Hub): Pick<HubService, 'closeConnection' | 'closeUserConnections' | 'closeAllConnections'> => ({
  async closeConnection(connectionId, { reason } = {}) {
    const connection = hub.connections.get(connectionId)
    if (connection) closeForBackend(connection, reason)
  },
  async closeUserConnections(userId, { reason } = {}) {
    for (const connection of hub.users.get(userId) ?? []) closeForBackend(connection, reason)
  },
  async closeAllConnections({ reason } = {}) {
    for (const connection of hub.connections.values()) closeForBackend(connection, reason)
  },
})

const looking = (hub: Hub): Pick<HubService, 'connectionExists' | 'userExists' | 'groupExists'> => ({
  connectionExists: async (connectionId) => hub.connections.has(connectionId),
  userExists: async (userId) => hub.users.has(userId),
  groupExists: async (name) => hub.groups.has(name),
})

type Membership = Pick<
  HubService,
  'addConnectionsToGroups' | 'removeConnectionsFromGroups' | 'removeConnectionFromAllGroups' | 'removeUserFromAllGroups'
>

const membership = (hub: Hub): Membership => ({
  async addConnectionsToGroups(groups, filter) {
    requireGroups(groups, filter)
    for (const connection of hub.connections.values()) for (const group of groups) joinGroup(connection, group)
  },
  async removeConnectionsFromGroups(groups, filter) {
    requireGroups(groups, filter)
    for (const name of groups) {
      const group = hub.groups.get(name)
      for (const connection of group ? membersOfAudience(group) : []) leaveGroup(connection, name)
    }
  },
  async removeConnectionFromAllGroups(connectionId) {
    const connection = hub.connections.get(connectionId)
    if (connection) leaveAllGroups(connection)
  },
  async removeUserFromAllGroups(userId) {
    for (const connection of hub.users.get(userId) ?? []) leaveAllGroups(connection)
  },
})

/** All is checked before anything changes. */
function requireGroups(groups: string[], filter: string): void {
  requireNoFilter(filter)
  if (groups.length === 0) requireGroupName('')
  for (const group of groups) requireGroupName(group)
}

type PermissionMethods = Pick<HubService, 'grantPermission' | 'revokePermission' | 'hasPermission'>

const permissions = (hub: Hub): PermissionMethods => ({
  async grantPermission(connectionId, permission, { targetName = '' } = {}) {
    const connection = permittee(hub, connectionId, targetName)
    if (!connection) throw noConnection(connectionId, 'Info')
    if (grant(connection.permissions, permission, targetName) === 'granted') return
    throw serviceError(409, 'Error.Connection.Conflict', 'The connection has 1000 permissions of this kind already.')
  },
  async revokePermission(connectionId, permission, { targetName = '' } = {}) {
    const connection = permittee(hub, connectionId, targetName)
    if (connection) revoke(connection.permissions, permission, targetName)
  },
  async hasPermission(connectionId, permission, { targetName = '' } = {}) {
    const connection = hub.connections.get(connectionId)
    return (
      connection !== undefined && isGroupName(targetName) && isAllowed(connection.permissions, permission, targetName)
    )
  },
})

function permittee(hub: Hub, connectionId: string, targetName: string): Connection | undefined {
  requireGroupName(targetName)
  return hub.connections.get(connectionId)
}
