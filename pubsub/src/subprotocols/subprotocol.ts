import type { Content, Message, Metadata } from '../message.ts'
import type { Payload } from '../ports.ts'

/** An unsigned 64-bit number; a bigint where a JS number would lose digits. */
export type AckId = number | bigint

export type UpstreamFrame =
  | { type: 'joinGroup'; group: string; ackId: AckId | undefined }
  | { type: 'leaveGroup'; group: string; ackId: AckId | undefined }
  | {
      type: 'sendToGroup'
      group: string
      ackId: AckId | undefined
      noEcho: boolean
      content: Content
      metadata: Metadata | undefined
    }
  /** `payload` is undefined for a kind of data that no event handler can be given (protobuf). */
  | { type: 'event'; event: string; ackId: AckId | undefined; payload: Payload | undefined }
  | { type: 'ping' }
  | { type: 'sequenceAck'; sequenceId: AckId }

/** Why a connection is closed: the code, and the text that its `disconnected` and close frames carry. */
export interface CloseReason {
  code: number
  text: string
}

export type Parsed = { ok: true; frame: UpstreamFrame } | { ok: false; close: CloseReason }
export type WireFrame = string | Uint8Array<ArrayBuffer>

export interface AckError {
  name: 'Forbidden' | 'Duplicate' | 'InternalServerError'
  message: string
}

/** How messages look to a kind of client. Connections of one encoding share every frame, and so a topic. */
export interface Encoding {
  name: string
  formatMessage: (message: Message) => WireFrame
}

/** The frames about the connection itself. A simple client has none. */
interface ControlFrames {
  formatConnected(connection: { connectionId: string; userId: string | undefined }): WireFrame
  formatDisconnected(message: string): WireFrame
  formatAck(ackId: AckId, error?: AckError): WireFrame
  formatPong(): WireFrame
}

/** One way to speak to a client: pure functions, frames in and frames out. */
export interface Subprotocol {
  encoding: Encoding
  control: ControlFrames | undefined
  /** Never throws, whatever a client sends. */
  parse(data: string | Uint8Array): Parsed
}

/** The sentences of spec 3.4. */
export const closeReasons = {
  reload: { code: 1001, text: 'Service reloading, please reconnect' },
  notText: { code: 1003, text: 'The JSON subprotocol requires text messages.' },
  invalidJsonFrame: { code: 1007, text: 'The client message is not a valid JSON protocol message.' },
  slow: { code: 1008, text: 'The outbound message queue is full.' },
  flood: { code: 1008, text: 'The inbound message queue is full.' },
  tooLarge: { code: 1009, text: 'The client message is too large.' },
  failed: { code: 1011, text: 'Internal server error' },
} as const satisfies Record<string, CloseReason>
