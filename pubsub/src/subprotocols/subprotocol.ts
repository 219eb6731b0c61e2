import type { CloseCategory } from '../counters.ts'
import type { Content, Message, Metadata } from '../message.ts'

/** An unsigned 64-bit number; a bigint where a JS number would lose digits. */
export type AckId = number | bigint

/** Everything a client may say. A subprotocol may know fewer. */
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
      /** 0: no expiry. */
      ttlSeconds: number
    }
  | { type: 'event'; event: string; ackId: AckId | undefined; content: Content; metadata: Metadata | undefined }
  | { type: 'ping' }
  | { type: 'sequenceAck'; sequenceId: AckId }
  | InvocationFrame
  | StreamFrame
  | GroupStateFrame

/** A question to the backend with an answer of its own (spec 5.5). */
export type InvocationFrame =
  | { type: 'invoke'; invocationId: string; event: string; content: Content }
  | { type: 'cancelInvocation'; invocationId: string }

/** Publishing in pieces (spec 5.6). On the wire `streamStart` is a `sendToGroup` with `stream`. */
export type StreamFrame =
  | { type: 'streamStart'; group: string; noEcho: boolean; streamId: string; idleTimeoutMs: number | undefined }
  /** Without a sequence id and content it only keeps the stream alive. */
  | { type: 'streamData'; streamId: string; part: { streamSequenceId: number; content: Content } | undefined }
  | { type: 'streamEnd'; streamId: string; error: { message?: string; userErrorCode?: string } | undefined }

/** What members of a group tell about themselves (spec 5.7). */
type GroupStateFrame =
  /** Without `state` it is cleared. */
  | { type: 'setGroupState'; group: string; ackId: AckId | undefined; state: GroupState | undefined }
  | { type: 'subscribeGroupState'; group: string; ackId: AckId | undefined }
  | { type: 'unsubscribeGroupState'; group: string; ackId: AckId | undefined }

/** Why a connection is closed: the code, the text of its `disconnected` and close frames, and what it counts as. */
export interface CloseReason {
  code: number
  text: string
  category: CloseCategory
}

export type Parsed = { ok: true; frame: UpstreamFrame } | { ok: false; close: CloseReason }
export type WireFrame = string | Uint8Array<ArrayBuffer>

export interface ProtocolError<Name extends string = string> {
  name: Name
  message: string
}
export type AckError = ProtocolError<'Forbidden' | 'Duplicate' | 'InternalServerError' | 'BadRequest'>

/** How messages look to a kind of client. Connections of one encoding share all they can. */
export type Encoding = SharedEncoding | SequencedEncoding

/** Everybody gets the same frame, so one publish reaches them all. */
export interface SharedEncoding {
  name: string
  isSequenced: false
  formatMessage(message: Message): WireFrame
}

/** Each connection numbers its frames: what can be shared is made once, the number is put in for each. */
interface SequencedEncoding {
  name: string
  isSequenced: true
  formatMessage(message: Message): SequencedFrame
}

export interface SequencedFrame {
  /** The length of the frame without its number, roughly: what it is counted for in a buffer. */
  bytes: number
  /** The same number gives the same bytes. */
  withSequence(sequenceId: number): WireFrame
}

/** The frames about the connection itself. A simple client has none. */
export interface ControlFrames {
  formatConnected(connection: ConnectedDetails): WireFrame
  formatDisconnected(message: string): WireFrame
  formatAck(ackId: AckId, error?: AckError): WireFrame
  formatPong(): WireFrame
  formatStreamAck(streamId: string, expectedSequenceId: number): WireFrame
  formatStreamNack(streamId: string, nack: ProtocolError & { expectedSequenceId: number }): WireFrame
  formatStreamClosed(streamId: string, error?: ProtocolError): WireFrame
  /** Absent where the subprotocol has no invocations (protobuf). */
  formatInvokeResponse?: (invocationId: string, result: InvocationResult) => WireFrame
  /** Absent where the subprotocol has no group state (protobuf). */
  formatGroupState?: (type: 'groupStateSnapshot' | 'groupStateUpdate', states: GroupStates) => WireFrame
}

export interface ConnectedDetails {
  connectionId: string
  userId: string | undefined
  /** Reliable subprotocols only. */
  reconnectionToken?: string | undefined
}

/** `content` is absent where the backend answered with an empty body. */
export type InvocationResult = { content: Content | undefined } | { error: ProtocolError }

export type GroupState = Record<string, string>

export interface GroupStates {
  group: string
  /** Without `state` when it was cleared. `updatedAt`: milliseconds since 1970. */
  items: { connectionId: string; userId: string | undefined; state: GroupState | undefined; updatedAt: number }[]
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
  reload: { code: 1001, text: 'Service reloading, please reconnect', category: 'ServiceReload' },
  notText: { code: 1003, text: 'The JSON subprotocol requires text messages.', category: 'BadRequest' },
  notBinary: { code: 1003, text: 'The protobuf subprotocol requires binary messages.', category: 'BadRequest' },
  invalidJsonFrame: {
    code: 1007,
    text: 'The client message is not a valid JSON protocol message.',
    category: 'BadRequest',
  },
  invalidProtobufFrame: {
    code: 1007,
    text: 'The client message is not a valid protobuf protocol message.',
    category: 'BadRequest',
  },
  notUtf8: { code: 1007, text: 'The client message is not valid UTF-8.', category: 'BadRequest' },
  invalidFrame: { code: 1002, text: 'The client frame is invalid.', category: 'BadRequest' },
  unrecoverable: { code: 1008, text: 'The connection could not be recovered.', category: 'BadRequest' },
  unconfirmed: { code: 1008, text: 'The reliable message buffer is full.', category: 'SlowClient' },
  slow: { code: 1008, text: 'The outbound message queue is full.', category: 'SlowClient' },
  flood: { code: 1008, text: 'The inbound message queue is full.', category: 'Throttled' },
  forbidden: {
    code: 1008,
    text: 'The client does not have permission to send to the group.',
    category: 'Unauthorized',
  },
  tooLarge: { code: 1009, text: 'The client message is too large.', category: 'BadRequest' },
  failed: { code: 1011, text: 'Internal server error', category: 'SendEventFailed' },
} as const satisfies Record<string, CloseReason>
