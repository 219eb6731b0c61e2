import { addToHub, joinGroup, removeFromHub } from './hub.ts'
import type { Connection, Hub, Socket } from './model.ts'
import { send } from './outbox.ts'
import type { ConnectionContext } from './ports.ts'
import { permissionsOf } from './roles.ts'
import type { CloseReason, Subprotocol } from './subprotocols/subprotocol.ts'
import { announce, bidFarewell } from './upstream.ts'

/** What a handshake settled about a connection. */
export interface Admission {
  hub: Hub
  subprotocol: Subprotocol
  roles: readonly string[]
  groups: readonly string[]
  context: ConnectionContext
}

/** A connection that nobody can see yet; `openConnection` makes it one. */
export const newConnection = ({ hub, subprotocol, roles, groups, context }: Admission): Connection => ({
  hub,
  subprotocol,
  permissions: permissionsOf(roles),
  tokenGroups: groups,
  context,
  socket: undefined,
  groups: new Set(),
  acked: new Set(),
  inbox: { isBusy: false, waiting: [], waitingBytes: 0, onIdle: undefined },
  hasEnded: false,
  isAlive: true,
  isPressured: false,
  greeted: Promise.resolve(),
})

/** `connected` is queued before the connection can be reached: nothing overtakes it (spec 13, row 2). */
export function openConnection(connection: Connection, socket: Socket): void {
  connection.socket = socket
  const connected = connection.subprotocol.control?.formatConnected(connection.context)
  if (connected !== undefined) send(connection, connected)
  addToHub(connection)
  for (const group of connection.tokenGroups) joinGroup(connection, group)
  announce(connection)
}

/**
 * Closes from our side: the client is told in a `disconnected` frame where its subprotocol has one, then by the close
 * frame. From the return on the connection is found nowhere; frames of its client that still wait are dropped.
 */
export function closeConnection(connection: Connection, { code, text }: CloseReason, message = text): void {
  if (connection.hasEnded) return
  connection.inbox.waiting.length = 0
  endConnection(connection, message)
  const disconnected = connection.subprotocol.control?.formatDisconnected(message)
  if (disconnected !== undefined) send(connection, disconnected)
  connection.socket?.close(code, text)
}

/** Closes because the backend wants it: 1000 with an empty reason, which travels in the frame only (spec 3.5). */
export function closeForBackend(connection: Connection, reason: string | undefined): void {
  const sentence = 'Application server closed the connection.'
  closeConnection(connection, { code: 1000, text: '' }, reason ? `${sentence} Reason: ${reason}` : sentence)
}

/** The end of a connection, whoever caused it; only the first call counts. */
export function endConnection(connection: Connection, reason: string): void {
  if (connection.hasEnded) return
  connection.hasEnded = true
  removeFromHub(connection)
  const { farewells } = connection.hub.engine
  const farewell = bidFarewell(connection, reason)
  farewells.add(farewell)
  void farewell.finally(() => farewells.delete(farewell))
}
