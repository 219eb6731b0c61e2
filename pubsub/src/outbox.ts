import type { Connection } from './model.ts'
import type { WireFrame } from './subprotocols/subprotocol.ts'

/** Queues one frame. Silent for a connection that is gone; the watch sees to one that does not read. */
export function send({ socket }: Connection, frame: WireFrame): void {
  if (typeof frame === 'string') socket?.sendText(frame)
  else socket?.sendBinary(frame)
}
