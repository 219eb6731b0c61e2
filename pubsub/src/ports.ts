/** What the service needs to reach a backend: Azure's "upstream". A webhook and a function call implement it alike. */
export interface EventHandler {
  /** Asked before a connection is accepted; the client waits for the answer. */
  connect(request: ConnectRequest): Promise<ConnectAnswer>
  /** Told once the client has its `connected` frame. The answer is not waited for. */
  connected(context: ConnectionContext): Promise<void>
  /** Asked for each `event` frame, one after the other per connection. A rejection is an outage: the ack fails. */
  event(context: ConnectionContext, event: UserEvent): Promise<EventAnswer>
  /** Told once per accepted connection, at its very end. */
  disconnected(context: ConnectionContext, reason: string): Promise<void>
}

export interface ConnectionContext {
  hub: string
  connectionId: string
  userId: string | undefined
  subprotocol: string | undefined
  /** Opaque to the service; what the last answer with a `state` set (Azure's connection state). */
  state: string | undefined
}

export interface ConnectRequest extends Omit<ConnectionContext, 'subprotocol' | 'state'> {
  claims: Record<string, string[]>
  query: Record<string, string[]>
  headers: Record<string, string[]>
  subprotocols: string[]
}

/** Absent fields leave what the token said; `groups: []` too (Azure client spec, 3.3). */
export type ConnectAnswer =
  | { accept: true; userId?: string; groups?: string[]; roles?: string[]; subprotocol?: string; state?: string }
  | { accept: false; status: 400 | 401 | 403 | 500 }

/** What is sent, as the sender marked it. `json` is a parsed value, never null. */
export type Payload =
  | { dataType: 'json'; data: unknown }
  | { dataType: 'text'; data: string }
  | { dataType: 'binary'; data: Uint8Array }

export interface UserEvent {
  name: string
  payload: Payload
}

/** `reply` goes to the asking connection, from `server`, before the ack. */
export interface EventAnswer {
  reply?: Payload
  state?: string
}
