import type { CloseCategory } from './counters.ts'
import { leaveAllBoards } from './group-state.ts'
import { addToHub, joinGroup, removeFromHub } from './hub.ts'
import type { Connection, Group, Hub, Socket } from './model.ts'
import { send } from './outbox.ts'
import type { ConnectionContext } from './ports.ts'
import { permissionsOf } from './roles.ts'
import { newSession } from './session.ts'
import { cancelStreams } from './streams.ts'
import { type CloseReason, closeReasons, type Subprotocol } from './subprotocols/subprotocol.ts'
import { announce, bidFarewell } from './upstream.ts'

/** What a handshake settled about a connection. */
export interface Admission {
  hub: Hub
  subprotocol: Subprotocol
  roles: readonly string[]
  groups: readonly string[]
  context: ConnectionContext
}

const noGroups: readonly string[] = []
const inNoGroup = new Set<Group>()

/** A connection that nobody can see yet; `openConnection` makes it one. */
export const newConnection = ({ hub, subprotocol, roles, groups, context }: Admission): Connection => ({
  hub,
  subprotocol,
  permissions: permissionsOf(roles),
  tokenGroups: groups,
  since: hub.engine.clock(),
  context,
  socket: undefined,
  session: subprotocol.encoding.isSequenced ? newSession() : undefined,
  groups: inNoGroup,
  acked: undefined,
  streams: undefined,
  invocations: undefined,
  boards: undefined,
  stateBytes: 0,
  inbox: undefined,
  hasEnded: false,
  isAlive: true,
  isPressured: false,
  greeted: undefined,
})

/** `connected` is queued before the connection can be reached: nothing overtakes it (spec 13, row 2). */
export function openConnection(connection: Connection, socket: Socket): void {
  connection.socket = socket
  connection.hub.counters.connectionsOpened++
  connection.hub.engine.connectionCount++
  greet(connection)
  addToHub(connection)
  for (const group of connection.tokenGroups) joinGroup(connection, group)
  connection.tokenGroups = noGroups
  announce(connection)
}

/** The client's `connected` frame, for a new connection and for one that came back. */
export function greet(connection: Connection): void {
  const { context, session, subprotocol } = connection
  const { connectionId, userId } = context
  const reconnectionToken = session?.reconnectionToken
  const connected = subprotocol.control?.formatConnected({ connectionId, userId, reconnectionToken })
  if (connected !== undefined) send(connection, connected)
}

/**
 * Closes from our side: the client is told in a `disconnected` frame where its subprotocol has one, then by the close
 * frame. From the return on the connection is found nowhere; frames of its client that still wait are dropped.
 */
export function closeConnection(connection: Connection, reason: CloseReason, message: string = reason.text): void {
  if (connection.hasEnded) return
  if (connection.inbox) connection.inbox.waiting.length = 0
  endConnection(connection, { message, category: reason.category })
  const disconnected = connection.subprotocol.control?.formatDisconnected(message)
  if (disconnected !== undefined) send(connection, disconnected)
  const { socket, hub } = connection
  if (!socket) return
  hub.engine.carrier.flush(socket)
  socket.close(reason.code, reason.text)
}

/** Closes because the backend wants it: 1000 with an empty reason, which travels in the frame only (spec 3.5). */
export function closeForBackend(connection: Connection, reason: string | undefined): void {
  const sentence = 'Application server closed the connection.'
  const closing: CloseReason = { code: 1000, text: '', category: 'ClosedByAppServer' }
  closeConnection(connection, closing, reason ? `${sentence} Reason: ${reason}` : sentence)
}

/** Why a connection is over: what its backend is told, and what it counts as. */
export interface Ending {
  message: string
  category: CloseCategory
}

/** The end of a connection, whoever caused it; only the first call counts. */
export function endConnection(connection: Connection, { message, category }: Ending): void {
  if (connection.hasEnded) return
  connection.hasEnded = true
  const { engine, counters } = connection.hub
  counters.connectionsClosed[category]++
  engine.connectionCount--
  engine.detached.delete(connection)
  cancelStreams(connection)
  leaveAllBoards(connection)
  removeFromHub(connection)
  const farewell = bidFarewell(connection, message)
  engine.farewells.add(farewell)
  void farewell.finally(() => engine.farewells.delete(farewell))
}

/** Its handshake was completed only so that the client can be told that there is nothing to come back to (spec 6.4). */
export function turnAway(connection: Connection, socket: Socket): void {
  const { code, text } = closeReasons.unrecoverable
  const disconnected = connection.subprotocol.control?.formatDisconnected(text)
  if (typeof disconnected === 'string') socket.sendText(disconnected)
  else if (disconnected) socket.sendBinary(disconnected)
  socket.close(code, text)
}
