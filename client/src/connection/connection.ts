/** What came: of a group when `group` is there, and from a client, whom the service names, when `fromUserId` is. */
export interface IncomingFrame {
  group?: string
  fromUserId?: string | null
  data: unknown
}

/**
 * What became of something sent: `acked` by the service (for an event: after the backend's commit), `refused` with the
 * name of the ack's error, or `lost` with the socket: nobody knows whether it arrived.
 */
export type Sent = { outcome: 'acked' } | { outcome: 'refused'; name: string } | { outcome: 'lost' }

/** One socket, from its opening to its end. Nothing is heard from it after `close` or `onClosed`. */
export interface Connection {
  /** Frames leave in the order of the calls. Never rejects. */
  sendEvent: (event: string, data: object) => Promise<Sent>
  /** The sender's own connection gets no copy. Never rejects. */
  sendToGroup: (group: string, data: object) => Promise<Sent>
  /** Like `sendToGroup`, without an ack: it arrives or it does not. */
  whisper: (group: string, data: object) => void
  /** Asks for any sign of life; the answer is heard as `onHeard`. */
  ping: () => void
  close: () => void
}

export interface ConnectionHandlers {
  /** The service has greeted: frames may be sent. At most once. */
  onOpen: () => void
  onFrame: (frame: IncomingFrame) => void
  /** Anything at all came in. */
  onHeard: () => void
  /** It ended by itself, or never opened. At most once, and not after `close`. */
  onClosed: () => void
}

/** Begins to open a socket at once. */
export type CreateConnection = (url: string, handlers: ConnectionHandlers) => Connection
