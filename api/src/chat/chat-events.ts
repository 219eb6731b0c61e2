/**
 * What the service tells and asks the chat: Azure's "upstream". By structure this is the port that `pubsub/` calls, so
 * that the two meet without knowing each other; a webhook calls it as well.
 */
export interface ChatEvents {
  /** Never rejects: an outage is logged and answered with 500. */
  connect(request: ConnectRequest): Promise<ConnectAnswer>
  /** Never rejects: an outage is logged. */
  connected(context: ConnectionContext): Promise<void>
  /** Never rejects: refusals and outages are answered with `failed`, and the connection is kept. */
  event(context: ConnectionContext, event: UserEvent): Promise<EventAnswer>
  /** Never rejects: an outage is logged. */
  disconnected(context: ConnectionContext, reason: string): Promise<void>
}

export interface ConnectionContext {
  hub: string
  connectionId: string
  userId: string | undefined
  subprotocol: string | undefined
  /** What the last answer with a `state` set. */
  state: string | undefined
}

export interface ConnectRequest extends Omit<ConnectionContext, 'subprotocol' | 'state'> {
  claims: Record<string, string[]>
  query: Record<string, string[]>
  headers: Record<string, string[]>
  subprotocols: string[]
}

export type ConnectAnswer =
  | { accept: true; userId?: string; groups?: string[]; roles?: string[]; subprotocol?: string; state?: string }
  | { accept: false; status: 400 | 401 | 403 | 500 }

export type Payload =
  | { dataType: 'json'; data: unknown }
  | { dataType: 'text'; data: string }
  | { dataType: 'binary' | 'protobuf'; data: Uint8Array }

export interface UserEvent {
  name: string
  payload: Payload
}

export interface EventAnswer {
  reply?: Payload
  state?: string
}
