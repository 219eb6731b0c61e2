import type { Connection, Hub } from './model.ts'
import type { WireFrame } from './subprotocols/subprotocol.ts'

/**
 * Queues one frame. Silent for a connection that is gone; the watch sees to one that does not read. What is sent while
 * a reliable connection is away is lost, but for messages, which `deliver` keeps.
 */
export function send(connection: Connection, frame: WireFrame): void {
  const { socket, hub } = connection
  if (!socket) return
  countOut(hub, 1, bytesOf(frame))
  hub.engine.observer?.frame(connection, 'out', frame)
  hub.engine.carrier.send(connection, socket, frame)
}

export function countOut({ counters }: Hub, receivers: number, bytes: number): void {
  counters.framesOut += receivers
  counters.bytesOut += receivers * bytes
}

/** What a frame takes on the wire, without the head of its WebSocket frame. */
export const bytesOf = (frame: WireFrame) => (typeof frame === 'string' ? Buffer.byteLength(frame) : frame.byteLength)
