import { closeConnection, endConnection } from './connection.ts'
import type { Connection, Engine } from './model.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'

/**
 * Looks after what no frame would show: peers that vanished and peers that do not read. Returns the way to stop.
 * Bun's own idle timeout is not used for the first: every send renews it, so a dead peer in a busy group would live on.
 */
export function startWatch(engine: Engine): () => void {
  const { keepAliveMs, watchMs } = engine.limits
  const timers = [
    setInterval(() => forEachConnection(engine, probe), keepAliveMs),
    setInterval(() => forEachConnection(engine, measure), watchMs),
  ]
  for (const timer of timers) timer.unref()
  return () => timers.forEach((timer) => clearInterval(timer))
}

function forEachConnection({ hubs }: Engine, look: (connection: Connection) => void): void {
  for (const hub of hubs.values()) for (const connection of hub.connections.values()) look(connection)
}

/** A live peer answers a WebSocket ping before the next one: a dead one is gone within two intervals. */
function probe(connection: Connection): void {
  if (connection.isAlive) {
    connection.isAlive = false
    connection.socket?.ping()
    return
  }
  connection.hub.engine.counters.lostConnections++
  endConnection(connection, 'The client did not answer a ping.')
  connection.socket?.terminate()
}

/** Past the bound the connection is closed, and nobody else waits for it (spec 13, row 20). */
function measure(connection: Connection): void {
  const queuedBytes = connection.socket?.getBufferedAmount() ?? 0
  connection.isPressured = queuedBytes > 0
  if (queuedBytes <= connection.hub.engine.limits.outboundMaxBytes) return
  countSlow(connection)
  closeConnection(connection, closeReasons.slow)
}

export function countSlow({ hub, context }: Connection): void {
  const { connectionId } = context
  hub.engine.counters.slowConnections++
  hub.engine.log({ level: 'warn', event: 'slowConnectionClosed', hub: hub.name, connectionId })
}
