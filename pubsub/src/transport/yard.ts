import type { Connection, Engine } from '../model.ts'
import { closeIfFarBehind } from '../watch.ts'
import type { HeldTotal } from './backlog.ts'
import { append, endTurn, newTurn, publish, type Publication, type Turn } from './batch.ts'
import type { Deadlines } from './deadlines.ts'
import { forgetCopied } from './gather.ts'
import { RawSocket } from './raw-socket.ts'
import type { Stage } from './stage.ts'

/** What all sockets of one service share. */
export interface Yard {
  readonly turn: Turn<Connection, RawSocket>
  readonly held: HeldTotal
  /** What must not take for ever: requests that come in, and goodbyes. */
  readonly deadlines: Deadlines<Stage>
  readonly messageMaxBytes: number
  queue(socket: RawSocket, frame: Uint8Array): void
  publish(publication: Publication<Connection, RawSocket>): void
  /** Writes all that is queued. Happens by itself at the end of each turn of the event loop. */
  flush(): void
  /** Told when a socket did not take all it was given: one that is too far behind is closed after this flush. */
  noteBacklog(socket: RawSocket): void
}

/** So much is written before the turn ends, or a loop that publishes could fill the memory. */
const turnMaxBytes = 16 * 1_048_576

export function createYard(engine: Engine, deadlines: Deadlines<Stage>): Yard {
  const turn = newTurn((connection: Connection) =>
    connection.socket instanceof RawSocket ? connection.socket : undefined,
  )
  const behind = new Set<RawSocket>()
  let isScheduled = false
  let isFlushing = false
  const schedule = () => {
    if (turn.bytes > turnMaxBytes) flush()
    if (isScheduled) return
    isScheduled = true
    setImmediate(flushAtEnd)
  }
  const flushAtEnd = () => {
    isScheduled = false
    flush()
  }
  const flush = () => {
    if (isFlushing) return
    isFlushing = true
    for (const socket of endTurn(turn)) socket.writeQueued()
    forgetCopied()
    isFlushing = false
    if (behind.size > 0) closeThoseBehind()
  }
  const closeThoseBehind = () => {
    const sockets = [...behind]
    behind.clear()
    for (const socket of sockets) closeIfFarBehind(socket.connection, socket)
    if (held.bytes > engine.limits.outboundTotalMaxBytes) engine.relieve()
  }
  const held: HeldTotal = { bytes: 0 }
  return {
    turn,
    held,
    deadlines,
    messageMaxBytes: engine.limits.messageMaxBytes,
    queue(socket, frame) {
      schedule()
      // which may have closed it
      if (socket.readyState === WebSocket.OPEN) append(turn, socket, frame)
    },
    publish(publication) {
      schedule()
      publish(turn, publication)
    },
    flush,
    noteBacklog: (socket) => void behind.add(socket),
  }
}
