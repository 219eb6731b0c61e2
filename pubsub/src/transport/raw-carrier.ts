import type { Carrier, Connection, Socket } from '../model.ts'
import type { WireFrame } from '../subprotocols/subprotocol.ts'
import { sendTo } from './bun-carrier.ts'
import { frameOf } from './frame-bytes.ts'
import { joinLane, leaveLane } from './batch.ts'
import { RawSocket } from './raw-socket.ts'
import type { Yard } from './yard.ts'

/**
 * Sockets of our own, reached by batches. Those whose upgrade came to the inner server are Bun's: they get each frame
 * by itself.
 */
export function createRawCarrier(yard: Yard): Carrier {
  /** How many times sockets of Bun are in lanes. */
  let strangers = 0
  const framed = createFramer()
  return {
    mount: () => {},
    send(_connection, socket, frame) {
      if (socket instanceof RawSocket) socket.sendFrame(framed(frame))
      else sendTo(socket, frame)
    },
    flush: () => {},
    admit({ members }, { socket }) {
      if (socket instanceof RawSocket) joinLane(yard.turn, members, socket)
      else strangers++
    },
    dismiss({ members }, { socket }) {
      if (socket instanceof RawSocket) leaveLane(yard.turn, members, socket)
      else strangers--
    },
    publish({ members }, frame, excluded) {
      if (members.size <= fewMembers && !yard.turn.batches.has(members)) {
        sendToFew(members, framed(frame), excluded)
      } else {
        const sockets = excluded.map(({ socket }) => socket)
        yard.publish({ members, frame: framed(frame), excluded: sockets.filter((socket) => isRaw(socket)) })
      }
      if (strangers > 0) sendToStrangers(members, frame, excluded)
    },
    heldBytes: () => yard.held.bytes,
  }
}

/** Up to so many a batch costs more than it saves. */
const fewMembers = 3

function sendToFew(members: Iterable<Connection>, frame: Buffer, excluded: readonly Connection[]): void {
  for (const member of members) {
    const { socket } = member
    if (isRaw(socket) && !excluded.includes(member)) socket.sendFrame(frame)
  }
}

const isRaw = (socket: Socket | undefined): socket is RawSocket => socket instanceof RawSocket

function sendToStrangers(members: Iterable<Connection>, frame: WireFrame, excluded: readonly Connection[]): void {
  for (const member of members) {
    const { socket } = member
    if (socket && !isRaw(socket) && !excluded.includes(member)) sendTo(socket, frame)
  }
}

/** What is sent to one after the other is put into bytes once. Longer ones are not worth being kept. */
const keptMaxLength = 65_536

function createFramer(): (frame: WireFrame) => Buffer {
  let last: WireFrame = ''
  let lastBytes = frameOf(last)
  return (frame) => {
    if (frame === last) return lastBytes
    const bytes = frameOf(frame)
    if (frame.length <= keptMaxLength) {
      last = frame
      lastBytes = bytes
    }
    return bytes
  }
}
