import { admit, dismiss, isEmptyAudience, newAudience } from './audience.ts'
import { newHubCounters } from './counters.ts'
import { leaveBoard } from './group-state.ts'
import type { Connection, Engine, Group, Hub } from './model.ts'
import { hubKey } from './names.ts'

/** The hub of that name, which exists from the first time it is named; its name counts without case. */
export function openHub(engine: Engine, name: string): Hub {
  const key = hubKey(name)
  const known = engine.hubs.get(key)
  if (known) return known
  const hub = newHub(engine, key)
  engine.hubs.set(key, hub)
  return hub
}

/** The same, but only if somebody with a right to it named it before: strangers must not fill the memory with hubs. */
export const findHub = ({ hubs }: Engine, name: string): Hub | undefined => hubs.get(hubKey(name))

/** A hub that nobody will find, for a client who asks for what is not there. */
export const strayHub = (engine: Engine): Hub => newHub(engine, '')

function newHub(engine: Engine, name: string): Hub {
  const hub: Omit<Hub, 'everyone'> & { everyone?: Hub['everyone'] } = {
    name,
    engine,
    settings: { handler: undefined, allowsAnonymous: false },
    connections: new Map(),
    users: new Map(),
    groups: new Map(),
    boards: new Map(),
    counters: newHubCounters(),
  }
  // the audience of all and its hub know each other
  return Object.assign(hub, { everyone: newAudience(hub as Hub) })
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

/** Joining again changes nothing. `full`: it is in as many groups as it may be. */
export function joinGroup(connection: Connection, name: string): 'joined' | 'full' {
  const { hub, groups } = connection
  const known = hub.groups.get(name)
  if (known && groups.has(known)) return 'joined'
  if (groups.size >= hub.engine.limits.groupsPerConnectionMax) return 'full'
  const group = known ?? { ...newAudience(hub), name }
  hub.groups.set(name, group)
  if (groups.size === 0) connection.groups = new Set([group])
  else groups.add(group)
  admit(group, connection)
  return 'joined'
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
  leaveBoard(connection, group.name)
  if (isEmptyAudience(group)) connection.hub.groups.delete(group.name)
}
