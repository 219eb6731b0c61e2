import type { Hub } from '../model.ts'
import { isGroupName } from '../names.ts'
import { invalidGroupName, settle } from './refusals.ts'
import { type ListOptions, listMembers, type MemberListing } from './member-listing.ts'
import { type FanOutOptions } from './parcel.ts'
import * as operations from './operations.ts'
import { type CloseManyOptions, dispatch } from './dispatch.ts'

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
  closeAllConnections(options?: CloseManyOptions): Promise<void>
  /** Sorted by connection id. As in the official client, the listing itself comes in a promise. */
  listConnections(options?: ListOptions): Promise<MemberListing>
}

/** Throws a 400 for a name that no group may have. */
export function createGroupService(hub: Hub, name: string): GroupService {
  if (!isGroupName(name)) settle(invalidGroupName)
  return {
    groupName: name,
    hubName: hub.name,
    sendToAll: (message, options) =>
      dispatch({ message, options }, (parcel, selection) =>
        operations.sendToGroup(hub, { ...parcel, group: name }, selection),
      ),
    addUser: async (userId) => settle(operations.addUser(hub, name, userId)),
    removeUser: async (userId) => operations.removeUser(hub, name, userId),
    addConnection: async (connectionId) => settle(operations.addConnection(hub, name, connectionId)),
    removeConnection: async (connectionId) => operations.removeConnection(hub, name, connectionId),
    closeAllConnections: async (options = {}) => operations.closeGroup(hub, name, options),
    listConnections: async (options) => listMembers(hub, name, options),
  }
}
