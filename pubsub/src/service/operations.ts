import { membersOfAudience, publish, sendToEach } from '../audience.ts'
import { closeForBackend } from '../connection.ts'
import { joinGroup, leaveAllGroups, leaveGroup } from '../hub.ts'
import type { Message } from '../message.ts'
import type { Audience, Connection, Hub, PublishOptions } from '../model.ts'
import { isGroupName } from '../names.ts'
import { grant, isAllowed, type PermissionName, revoke } from '../roles.ts'
import * as refusals from './refusals.ts'
import { type Parcel, refuseParcel } from './parcel.ts'
import { everybody, excludedIn, readFilter, type Selection, selectFrom } from './selection.ts'

type Refusal = refusals.Refusal

/*
 * What the data plane can do (spec 9.2), for REST and for calls in the same process: each refusal is made here, once.
 * Removing what is not there, and sending to it, succeeds.
 */

const publishTo = (audience: Audience, { message, parcel, selection }: Posting) =>
  publish(audience, { ...postage(message, parcel), ...targets(audience.hub, selection) })

interface Posting {
  message: Message
  parcel: Parcel
  selection: Selection
}

const postage = (message: Message, { ttlSeconds = 0 }: Parcel): PublishOptions => ({ message, ttlSeconds })

function targets(hub: Hub, { excludedIds, matches }: Selection): Pick<PublishOptions, 'excluded' | 'matches'> {
  return excludedIds.length === 0 ? { matches } : { matches, excluded: excludedIn(hub, excludedIds) }
}

const fromServer = ({ content, metadata }: Parcel): Message => ({ from: 'server', content, metadata })

export function sendToAll(hub: Hub, parcel: Parcel, selection: Selection): Refusal | undefined {
  const refusal = refuseParcel(hub, parcel)
  if (!refusal) publishTo(hub.everyone, { message: fromServer(parcel), parcel, selection })
  return refusal
}

interface GroupParcel extends Parcel {
  group: string
}

export function sendToGroup(hub: Hub, parcel: GroupParcel, selection: Selection): Refusal | undefined {
  const refusal = refuseParcel(hub, parcel)
  const { group: name, content, metadata } = parcel
  const group = hub.groups.get(name)
  const message: Message = { from: 'group', group: name, content, metadata }
  if (!refusal && group) publishTo(group, { message, parcel, selection })
  return refusal
}

interface UserParcel extends Parcel {
  userId: string
}

export function sendToUser(hub: Hub, parcel: UserParcel, { matches }: Pick<Selection, 'matches'>): Refusal | undefined {
  const refusal = refuseParcel(hub, parcel)
  const connections = hub.users.get(parcel.userId) ?? []
  const meant = matches ? Array.from(connections).filter((connection) => matches(connection)) : connections
  if (!refusal) sendToEach(meant, postage(fromServer(parcel), parcel))
  return refusal
}

export function sendToConnection(hub: Hub, connectionId: string, parcel: Parcel): Refusal | undefined {
  const refusal = refuseParcel(hub, parcel)
  const connection = hub.connections.get(connectionId)
  if (!refusal && connection) sendToEach([connection], postage(fromServer(parcel), parcel))
  return refusal
}

/** `excluded`: ids of connections that stay. */
export interface Closing {
  reason?: string | undefined
  excluded?: readonly string[]
}

export const closeAll = (hub: Hub, closing: Closing) => closeEach(hub, hub.connections.values(), closing)

export const closeUser = (hub: Hub, userId: string, closing: Closing) =>
  closeEach(hub, hub.users.get(userId) ?? [], closing)

export const closeGroup = (hub: Hub, group: string, closing: Closing) => closeEach(hub, membersOf(hub, group), closing)

export function closeOne(hub: Hub, connectionId: string, { reason }: Closing): void {
  const connection = hub.connections.get(connectionId)
  if (connection) closeForBackend(connection, reason)
}

function closeEach(hub: Hub, connections: Iterable<Connection>, { reason, excluded = [] }: Closing): void {
  const selection = { ...everybody, excludedIds: excluded }
  for (const connection of selectFrom(hub, connections, selection)) closeForBackend(connection, reason)
}

function membersOf(hub: Hub, name: string): Connection[] {
  const group = hub.groups.get(name)
  return group ? membersOfAudience(group) : []
}

export function addConnection(hub: Hub, group: string, connectionId: string): Refusal | undefined {
  const connection = hub.connections.get(connectionId)
  return connection ? joinEach([connection], [group]) : refusals.noConnection(connectionId, 'Error')
}

/** Puts in the connections that the user has now. */
export function addUser(hub: Hub, group: string, userId: string): Refusal | undefined {
  const connections = hub.users.get(userId)
  return connections ? joinEach(connections, [group]) : refusals.noUser(userId)
}

/** Who is in as many groups as he may be is left out, the others join. */
function joinEach(connections: Iterable<Connection>, groups: readonly string[]): Refusal | undefined {
  let isAnyFull = false
  for (const connection of connections) {
    for (const group of groups) if (joinGroup(connection, group) === 'full') isAnyFull = true
  }
  return isAnyFull ? refusals.conflict('A connection is in as many groups as it may be in.') : undefined
}

export function removeConnection(hub: Hub, group: string, connectionId: string): void {
  const connection = hub.connections.get(connectionId)
  if (connection) leaveGroup(connection, group)
}

export function removeUser(hub: Hub, group: string, userId: string): void {
  for (const connection of hub.users.get(userId) ?? []) leaveGroup(connection, group)
}

export function removeConnectionFromAll(hub: Hub, connectionId: string): void {
  const connection = hub.connections.get(connectionId)
  if (connection) leaveAllGroups(connection)
}

export function removeUserFromAll(hub: Hub, userId: string): void {
  for (const connection of hub.users.get(userId) ?? []) leaveAllGroups(connection)
}

export interface BulkMembership {
  groups?: readonly string[] | null | undefined
  /** Absent, null or empty: every connection of the hub. */
  filter?: string | null | undefined
}

export function addToGroups(hub: Hub, bulk: BulkMembership): Refusal | undefined {
  const plan = planBulk(bulk)
  if (plan.refusal) return plan.refusal
  const { groups, matches } = plan.value
  return joinEach(selectFrom(hub, hub.connections.values(), { ...everybody, matches }), groups)
}

export function removeFromGroups(hub: Hub, bulk: BulkMembership): Refusal | undefined {
  const plan = planBulk(bulk)
  if (plan.refusal) return plan.refusal
  const { groups, matches } = plan.value
  const members = new Set(groups.flatMap((group) => membersOf(hub, group)))
  // who is meant is decided before the first one leaves: the filter may ask about the very groups
  for (const connection of selectFrom(hub, members, { ...everybody, matches })) {
    for (const group of groups) leaveGroup(connection, group)
  }
  return undefined
}

type Plan = Pick<Selection, 'matches'> & { groups: readonly string[] }

/** All is checked before anything changes. */
function planBulk({ groups, filter }: BulkMembership): refusals.Outcome<Plan> {
  if (!groups || groups.length === 0 || !groups.every(isGroupName)) return { refusal: refusals.invalidGroups }
  const matches = readFilter(filter, 'Filter')
  return matches.refusal ? matches : { value: { groups, matches: matches.value } }
}

/** Whether one connection may do something to one group. */
export interface PermissionTarget {
  connectionId: string
  permission: PermissionName
  /** The group; must be given (spec 9.2). */
  targetName: string | undefined
}

export function grantPermission(hub: Hub, target: PermissionTarget): Refusal | undefined {
  const found = findPermittee(hub, target)
  if (found.refusal) return found.refusal
  const { connection, group } = found.value
  if (!connection) return refusals.noConnection(target.connectionId, 'Info')
  if (grant(connection.permissions, target.permission, group) === 'granted') return undefined
  return refusals.conflict('The connection has 1000 permissions of this kind already.')
}

export function revokePermission(hub: Hub, target: PermissionTarget): Refusal | undefined {
  const found = findPermittee(hub, target)
  if (found.refusal) return found.refusal
  const { connection, group } = found.value
  if (connection) revoke(connection.permissions, target.permission, group)
  return undefined
}

/** Refused with 404 when it is not allowed. */
export function checkPermission(hub: Hub, target: PermissionTarget): Refusal | undefined {
  const found = findPermittee(hub, target)
  if (found.refusal) return found.refusal
  const { connection, group } = found.value
  if (!connection) return refusals.noConnection(target.connectionId, 'Info')
  const { permissions } = connection
  return isAllowed(permissions, target.permission, group) ? undefined : refusals.noPermission(target.permission, group)
}

type Permittee = refusals.Outcome<{ connection: Connection | undefined; group: string }>

function findPermittee(hub: Hub, { connectionId, targetName = '' }: PermissionTarget): Permittee {
  if (!isGroupName(targetName)) return { refusal: refusals.invalidGroupName }
  return { value: { connection: hub.connections.get(connectionId), group: targetName } }
}
