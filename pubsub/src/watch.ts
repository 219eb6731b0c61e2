import { closeConnection, endConnection } from './connection.ts'
import type { Connection, Engine, Socket } from './model.ts'
import { detachConnection, endLost } from './recovery.ts'
import { endIdleStreams } from './streams.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'

/**
 * Looks after what no frame would show: peers that vanished and peers that do not read. Returns the way to stop.
 * Bun's own idle timeout is not used for the first: every send renews it, so a dead peer in a busy group would live on.
 */
export function startWatch(engine: Engine): () => void {
  const { keepAliveMs, watchMs, outboundTotalMaxBytes } = engine.limits
  let unwatchedBytes = 0
  const watchQueues = () => {
    unwatchedBytes = 0
    measureAll(engine)
  }
  // The queues of many who do not read can grow far within one interval.
  engine.relieve = watchQueues
  engine.beforePublish = (bytes) => {
    unwatchedBytes += bytes
    if (unwatchedBytes > outboundTotalMaxBytes / 4) watchQueues()
  }
  const look = () => {
    watchQueues()
    endLost(engine)
    endIdleStreams(engine)
  }
  const timers = [setInterval(() => forEachConnection(engine, probe), keepAliveMs), setInterval(look, watchMs)]
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
  const { socket, session, hub } = connection
  // one that is away already is not asked: the time it has for coming back runs elsewhere
  if (!socket) return
  hub.engine.counters.lostConnections++
  if (session) detachConnection(connection)
  else endConnection(connection, { message: 'The client did not answer a ping.', category: 'PingTimeout' })
  socket.terminate()
}

/** Past its own bound, or as the slowest while all are past theirs, a connection is closed (spec 13, row 20). */
function measureAll(engine: Engine): void {
  const { outboundTotalMaxBytes } = engine.limits
  const pressured: { connection: Connection; bytes: number }[] = []
  forEachConnection(engine, (connection) => {
    const bytes = connection.socket?.getBufferedAmount() ?? 0
    connection.isPressured = bytes > 0
    if (bytes > 0) pressured.push({ connection, bytes })
  })
  const { carrier } = engine
  let total = carrier.heldBytes() ?? pressured.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { connection, bytes } of pressured.sort((one, other) => other.bytes - one.bytes)) {
    if (bytes <= boundOf(connection) && total <= outboundTotalMaxBytes) continue
    closeSlow(connection)
    // Told politely, he keeps his queue until he reads it, or for seconds: all together there is no room for that.
    if (total > outboundTotalMaxBytes) connection.socket?.terminate()
    total = carrier.heldBytes() ?? total - bytes
  }
}

/** For one who fell behind too fast for the other check to see. What a burst leaves unread for less than that is no fault. */
export function closeIfFarBehind(connection: Connection, socket: Socket): void {
  if (connection.socket !== socket || connection.hasEnded) return
  if (socket.getBufferedAmount() > connection.hub.engine.limits.outboundHardMaxBytes) closeSlow(connection)
}

function closeSlow(connection: Connection): void {
  countSlow(connection)
  closeConnection(connection, closeReasons.slow)
}

/** A reliable connection may be sent all that it did not confirm, in one piece, when it comes back. */
function boundOf({ session, hub }: Connection): number {
  const { unconfirmedMaxBytes, outboundMaxBytes } = hub.engine.limits
  return session ? unconfirmedMaxBytes : outboundMaxBytes
}

export function countSlow({ hub, context }: Connection): void {
  const { connectionId } = context
  hub.engine.counters.slowConnections++
  hub.engine.log({ level: 'warn', event: 'slowConnectionClosed', hub: hub.name, connectionId })
}
