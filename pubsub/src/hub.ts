import { admit, dismiss, isEmptyAudience, newAudience } from './audience.ts'
import type { Connection, Engine, Group, Hub } from './model.ts'
import { hubKey } from './names.ts'

/** The hub of that name, which exists from the first time it is named; its name counts without case. */
export function openHub(engine: Engine, name: string): Hub {
  const key = hubKey(name)
  const known = engine.hubs.get(key)
  if (known) return known
  const everyone = newAudience(engine)
  const hub: Hub = {
    name: key,
    engine,
    handler: undefined,
    connections: new Map(),
    users: new Map(),
    groups: new Map(),
    everyone,
  }
  engine.hubs.set(key, hub)
  return hub
}

/** Makes the connection visible: found by id and by user, reached by what is sent to all. */
export function addToHub(connection: Connection): void {
  const { hub, context } = connection
  hub.connections.set(context.connectionId, connection)
  admit(hub.everyone, connection)
  if (context.userId === undefined) return
  const siblings = hub.users.get(context.userId)
  if (siblings) siblings.add(connection)
  else hub.users.set(context.userId, new Set([connection]))
}

/** Takes the connection out of its hub, its user and all its groups. */
export function removeFromHub(connection: Connection): void {
  const { hub, context } = connection
  hub.connections.delete(context.connectionId)
  dismiss(hub.everyone, connection)
  leaveAllGroups(connection)
  if (context.userId === undefined) return
  const siblings = hub.users.get(context.userId)
  siblings?.delete(connection)
  if (siblings?.size === 0) hub.users.delete(context.userId)
}

/** Joining again changes nothing, nor does a connection that has ended. */
export function joinGroup(connection: Connection, name: string): void {
  if (connection.hasEnded) return
  const { hub } = connection
  const group = hub.groups.get(name) ?? { ...newAudience(hub.engine), name }
  if (connection.groups.has(group)) return
  hub.groups.set(name, group)
  connection.groups.add(group)
  admit(group, connection)
}

/** The group is gone with its last member. */
export function leaveGroup(connection: Connection, name: string): void {
  const group = connection.hub.groups.get(name)
  if (group && connection.groups.has(group)) depart(connection, group)
}

export function leaveAllGroups(connection: Connection): void {
  for (const group of connection.groups) depart(connection, group)
}

function depart(connection: Connection, group: Group): void {
  connection.groups.delete(group)
  dismiss(group, connection)
  if (isEmptyAudience(group)) connection.hub.groups.delete(group.name)
}
