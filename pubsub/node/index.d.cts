/** Starts the service in a process of its own, which ends with this one. */
export declare const WebPubSub: {
  /**
   * Resolves when clients can connect. Rejects with the service's own words when it cannot start: a port that is taken,
   * settings that are wrong.
   */
  start(options?: StartOptions): Promise<RunningWebPubSub>
}

export interface StartOptions {
  /** Default `127.0.0.1`, this machine only. */
  hostname?: string
  /** Default 0: any free one. */
  port?: number
  /** How clients reach the service, if not by host and port: an origin, such as `https://pubsub.example.com`. */
  endpoint?: string
  /** One or two; the first one signs. Default: the well-known development key, on loopback addresses only. */
  keys?: readonly [string, ...string[]]
  /** PEM texts. */
  tls?: { cert: string; key: string }
  hubs?: Record<string, HubOptions>
  /** See the table of limits. */
  limits?: Record<string, number>
  /** Takes each line of the service's log. No entry holds a message, a token or a key. Default: nobody listens. */
  log?: (entry: LogEntry) => void
  /** The field in which clients of protobuf get JSON. Default `json_data`. */
  protobufJsonAs?: 'json_data' | 'text_data'
  /** Who sees the page at `/`. Default `loopback`: this machine. */
  inspector?: 'off' | 'loopback' | 'on'
  /** Who sees `/metrics`. Default `loopback`: this machine. */
  metrics?: 'off' | 'loopback' | 'on'
}

export interface HubOptions {
  /** Webhooks in order: the first one that matches an event gets it. Functions as handlers need Bun. */
  eventHandlers?: readonly WebhookSettings[]
  /** Whether clients may connect without a token. Default `deny`. */
  anonymousConnect?: 'allow' | 'deny'
}

export interface WebhookSettings {
  /** Where events are posted; `{hub}` and `{event}` stand for their names. */
  urlTemplate: string
  /** `*` for all user events, or names with commas between. Default: none. */
  userEventPattern?: string
  systemEvents?: readonly ('connect' | 'connected' | 'disconnected')[]
}

export interface LogEntry {
  time: string
  level: 'info' | 'warn' | 'error'
  event: string
  [detail: string]: unknown
}

export interface RunningWebPubSub extends AsyncDisposable {
  /** Where it listens. */
  url: string
  /** How clients reach it. */
  endpoint: string
  /** For `new WebPubSubServiceClient(connectionString, hub, { allowInsecureConnection: true })`: a secret. */
  connectionString: string
  keys: readonly string[]
  /** Ends every connection and the process; resolves when it is gone. */
  close(): Promise<void>
}
