import { closeConnection, endConnection, openConnection, turnAway } from './connection.ts'
import { receive } from './inbox.ts'
import { describeError } from './log.ts'
import type { Connection, Socket } from './model.ts'
import { detachConnection, recoverConnection } from './recovery.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'
import { countSlow } from './watch.ts'

/** The socket is there, for a new connection, one that comes back, or one that has ended before it could. */
export function openSocket(connection: Connection, socket: Socket): void {
  const { hub, context, hasEnded } = connection
  if (hasEnded) turnAway(connection, socket)
  else if (hub.connections.has(context.connectionId)) recoverConnection(connection, socket)
  else openConnection(connection, socket)
}

/** An older socket of a connection that went on with another one has nothing more to say. */
export function readSocket(connection: Connection, socket: Socket, data: string | Uint8Array): void {
  if (connection.socket === socket) receive(connection, data)
}

/** A ping or a pong came. */
export function pongSocket(connection: Connection): void {
  connection.isAlive = true
}

/** How a socket ended: `wasCut` because its peer did not read. */
export interface SocketEnd {
  code: number
  reason: string
  wasCut?: boolean
}

/** Who says goodbye is gone, without a code too (spec 3.6); a reliable client that just vanished may come back. */
const goodbyes = new Set([1000, 1005])

export function closeSocket(connection: Connection, socket: Socket, { code, reason, wasCut }: SocketEnd): void {
  if (connection.hasEnded || connection.socket !== socket) return
  const isGoodbye = goodbyes.has(code)
  if (wasCut) countSlow(connection)
  if (connection.session && !isGoodbye) detachConnection(connection)
  else endConnection(connection, { message: reason, category: isGoodbye ? 'Normal' : 'ConnectionLost' })
}

/** What was thrown while a frame was handled is a fault of ours. */
export function failSocket(connection: Connection, socket: Socket, error: unknown): void {
  const { hub } = connection
  hub.engine.log({ level: 'error', event: 'socketFailed', hub: hub.name, error: describeError(error) })
  closeConnection(connection, closeReasons.failed)
  socket.close(closeReasons.failed.code, closeReasons.failed.text)
}

const refusals = { frame: closeReasons.invalidFrame, utf8: closeReasons.notUtf8, size: closeReasons.tooLarge }

/** What came is no WebSocket, or too much. */
export function refuseFrames(connection: Connection, socket: Socket, violation: keyof typeof refusals): void {
  const reason = refusals[violation]
  if (connection.socket === socket) closeConnection(connection, reason)
  // for one that is not its connection's any more
  socket.close(reason.code, reason.text)
}
