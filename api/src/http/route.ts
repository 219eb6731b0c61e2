import type { ClientPrincipal } from '@chatr/protocol'
import type { Backend } from '../chat/context.ts'

/** What the routes work with besides the chat itself. */
export interface HttpBackend extends Backend {
  version: string
  settings: { idleAfterSeconds: number }
  hub: string
  webhook?: WebhookSettings | undefined
  publicOrigin?: ((request: Request) => string | undefined) | undefined
}

export interface WebhookSettings {
  /** The service's access keys; a signature by either is good. */
  keys: readonly string[]
  /** Its host name, as it calls itself in `WebHook-Request-Origin`. */
  allowedOrigin: string
}

interface Call {
  request: Request
  url: URL
  /** What stood in the place of `{…}` in the route's path, decoded. */
  params: Record<string, string>
}

export type Route = (backend: HttpBackend, call: Call) => Promise<Response>
export type SignedInRoute = (backend: HttpBackend, call: Call & { principal: ClientPrincipal }) => Promise<Response>
export type Method = 'GET' | 'POST' | 'OPTIONS'
