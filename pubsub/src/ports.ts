/** What the service needs to reach a backend: Azure's "upstream". A webhook and a function call implement it alike. */
export interface EventHandler {
  /**
   * The system events that somebody hears of; absent means all. It is told about the others too, but that counts as no
   * call of the backend.
   */
  readonly systemEvents?: ReadonlySet<SystemEvent>
  /** Asked before a connection is accepted; the client waits for the answer. */
  connect(request: ConnectRequest): Promise<ConnectAnswer>
  /** Told once the client has its `connected` frame. The answer is not waited for. */
  connected(context: ConnectionContext): Promise<void>
  /**
   * Asked for each `event` and `invoke` frame, one after the other per connection. A rejection is an outage: the ack
   * fails.
   */
  event(context: ConnectionContext, event: UserEvent): Promise<EventAnswer>
  /** Told once per accepted connection, at its very end. */
  disconnected(context: ConnectionContext, reason: string): Promise<void>
}

export type SystemEvent = 'connect' | 'connected' | 'disconnected'

export interface ConnectionContext {
  hub: string
  connectionId: string
  userId: string | undefined
  subprotocol: string | undefined
  /** Opaque to the service; what the last answer with a `state` set (Azure's connection state). */
  state: string | undefined
  /** What `connect` answered as `memo`: the handler's own, for as long as the connection lives. Never sent anywhere. */
  memo?: unknown
}

export interface ConnectRequest extends Omit<ConnectionContext, 'subprotocol' | 'state' | 'memo'> {
  claims: Record<string, string[]>
  query: Record<string, string[]>
  headers: Record<string, string[]>
  subprotocols: string[]
}

/** Absent fields leave what the token said; `groups: []` too (Azure client spec, 3.3). */
export type ConnectAnswer =
  | {
      accept: true
      userId?: string
      groups?: string[]
      roles?: string[]
      subprotocol?: string
      state?: string
      memo?: unknown
    }
  /** `status` is the client's answer to its handshake, 400 to 599. */
  | { accept: false; status: number }

/** What is sent, as the sender marked it. */
export type Payload =
  /** A parsed value, never null. `json`: the very text it was read from, to be passed on as it is. */
  | { dataType: 'json'; data: unknown; readonly json?: string }
  | { dataType: 'text'; data: string }
  | { dataType: 'binary'; data: Uint8Array }
  /** A serialised `google.protobuf.Any`. */
  | { dataType: 'protobuf'; data: Uint8Array }

export interface UserEvent {
  name: string
  payload: Payload
  metadata?: Record<string, string>
}

/** `reply` goes to the asking connection, from `server`, before the ack; with `metadata` even when it is empty. */
export interface EventAnswer {
  reply?: Payload
  state?: string
  metadata?: Record<string, string>
}
