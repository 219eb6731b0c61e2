import { timingSafeEqual } from 'node:crypto'
import { endConnection, greet } from './connection.ts'
import { refreshBoards } from './group-state.ts'
import type { Connection, Engine, Hub, Socket } from './model.ts'
import { send } from './outbox.ts'
import { replay } from './session.ts'

export interface RecoveryRequest {
  connectionId: string
  reconnectionToken: string
}

/** The connection that a client may take up again, if there is one and it shows that it is its own (spec 6.4). */
export function findRecoverable(hub: Hub | undefined, request: RecoveryRequest): Connection | undefined {
  const connection = hub?.connections.get(request.connectionId)
  if (!connection?.session) return undefined
  return isSame(connection.session.reconnectionToken, request.reconnectionToken) ? connection : undefined
}

function isSame(secret: string, guess: string): boolean {
  const [one, other] = [Buffer.from(secret), Buffer.from(guess)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * Goes on with a new socket: `connected` again, then everything unconfirmed, then what came meanwhile. An older socket
 * that is still there is cut: its client is the one who came back.
 */
export function recoverConnection(connection: Connection, socket: Socket): void {
  const { session, hub } = connection
  if (!session) return
  const older = connection.socket
  session.detachedAt = undefined
  hub.engine.detached.delete(connection)
  connection.socket = socket
  connection.isAlive = true
  older?.terminate()
  hub.counters.recoveries++
  greet(connection)
  for (const frame of replay(session, hub.engine.clock())) send(connection, frame)
  refreshBoards(connection)
}

/** The socket is gone, the client may come back: it stays in its hub and its groups, and its messages are kept. */
export function detachConnection(connection: Connection): void {
  const { session, hub } = connection
  if (!session || connection.hasEnded) return
  connection.socket = undefined
  session.detachedAt = hub.engine.clock()
  hub.engine.detached.add(connection)
}

/** Gives up those who did not come back in time. Called by the watch. */
export function endLost({ detached, clock, limits }: Engine): void {
  const now = clock()
  for (const connection of detached) {
    if (now - (connection.session?.detachedAt ?? now) < limits.recoveryMs) continue
    endConnection(connection, { message: 'Connection recovery timed out.', category: 'ConnectionLost' })
  }
}
