import { openHub } from '../hub.ts'
import type { Hub, Inside } from '../model.ts'
import { isHubName } from '../names.ts'
import type { PermissionName } from '../roles.ts'
import { badRequest, settle, toServiceError } from './refusals.ts'
import { createGroupService, type GroupService } from './group-service.ts'
import type { FanOutOptions, FilterOptions, SendOptions } from './parcel.ts'
import * as operations from './operations.ts'
import { type CloseManyOptions, type CloseOptions, dispatch } from './dispatch.ts'
import { type ClientProtocol, clientPaths } from '../tokens.ts'

export type { CloseManyOptions, CloseOptions } from './dispatch.ts'

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
  clientProtocol?: ClientProtocol
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
  sendToUser(userId: string, message: unknown, options?: SendOptions & FilterOptions): Promise<void>
  sendToConnection(connectionId: string, message: unknown, options?: SendOptions): Promise<void>
  closeConnection(connectionId: string, options?: CloseOptions): Promise<void>
  closeUserConnections(userId: string, options?: CloseManyOptions): Promise<void>
  closeAllConnections(options?: CloseManyOptions): Promise<void>
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

/** Throws a 400 for a name that no hub may have. */
export function createService(setup: Inside, hubName: string): HubService {
  if (!isHubName(hubName)) throw toServiceError(badHubName)
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

export const badHubName = badRequest('Invalid hub name.')

async function makeAccess(setup: Inside, hub: string, options: AccessOptions = {}): Promise<ClientAccess> {
  const { userId, roles, groups, expirationTimeInMinutes: lifeMinutes = 60, clientProtocol: protocol } = options
  if (!(lifeMinutes > 0)) throw toServiceError(badRequest('expirationTimeInMinutes is above 0.'))
  const token = setup.tokens.sign({ hub, userId, roles, groups, lifeMinutes, protocol })
  const baseUrl = setup.endpoint.origin.replace(/^http/, 'ws') + clientPaths[protocol ?? 'default'] + hub
  return { token, baseUrl, url: `${baseUrl}?access_token=${token}` }
}

const sending = (hub: Hub): Pick<HubService, 'sendToAll' | 'sendToUser' | 'sendToConnection'> => ({
  sendToAll: (message, options) =>
    dispatch({ message, options }, (parcel, selection) => operations.sendToAll(hub, parcel, selection)),
  sendToUser: (userId, message, options) =>
    dispatch({ message, options }, (parcel, selection) => operations.sendToUser(hub, { ...parcel, userId }, selection)),
  sendToConnection: (connectionId, message, options) =>
    dispatch({ message, options }, (parcel) => operations.sendToConnection(hub, connectionId, parcel)),
})

const closing = (hub: Hub): Pick<HubService, 'closeConnection' | 'closeUserConnections' | 'closeAllConnections'> => ({
  closeConnection: async (connectionId, options = {}) => operations.closeOne(hub, connectionId, options),
  closeUserConnections: async (userId, options = {}) => operations.closeUser(hub, userId, options),
  closeAllConnections: async (options = {}) => operations.closeAll(hub, options),
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
  addConnectionsToGroups: async (groups, filter) => settle(operations.addToGroups(hub, { groups, filter })),
  removeConnectionsFromGroups: async (groups, filter) => settle(operations.removeFromGroups(hub, { groups, filter })),
  removeConnectionFromAllGroups: async (connectionId) => operations.removeConnectionFromAll(hub, connectionId),
  removeUserFromAllGroups: async (userId) => operations.removeUserFromAll(hub, userId),
})

type PermissionMethods = Pick<HubService, 'grantPermission' | 'revokePermission' | 'hasPermission'>

const permissions = (hub: Hub): PermissionMethods => ({
  async grantPermission(connectionId, permission, { targetName } = {}) {
    settle(operations.grantPermission(hub, { connectionId, permission, targetName }))
  },
  async revokePermission(connectionId, permission, { targetName } = {}) {
    settle(operations.revokePermission(hub, { connectionId, permission, targetName }))
  },
  async hasPermission(connectionId, permission, { targetName } = {}) {
    const refusal = operations.checkPermission(hub, { connectionId, permission, targetName })
    if (refusal?.status === 404) return false
    settle(refusal)
    return true
  },
})
