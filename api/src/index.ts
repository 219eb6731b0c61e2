import type { ChatEvents } from './chat/chat-events.ts'
import { createChatEvents } from './chat/create-chat-events.ts'
import { healPresence, type HealingScope } from './chat/heal-presence.ts'
import { answer } from './http/fetch.ts'
import type { HttpBackend } from './http/route.ts'

export type * from './ports.ts'
export type * from './chat/chat-events.ts'
export type { HealingScope } from './chat/heal-presence.ts'
export type { WebhookSettings } from './http/route.ts'

/**
 * `clock` is in milliseconds since 1970; `hub` the name of the service's hub that is the chat's. Without `webhook` there
 * is no service elsewhere, and nobody may call as one. `publicOrigin` gives, where the service is reached at the address
 * the browser used, that address (`https://chat.example`).
 */
export type ApiOptions = Omit<HttpBackend, 'unheard'>

export interface Api {
  /** For a service in the same process. */
  events: ChatEvents
  /** Answers everything under `/api`; never rejects. Trusts the header `x-ms-client-principal`: strip it from outside. */
  fetch(request: Request): Promise<Response>
  /** Closes the user's connections, all his tabs. Rejects when the service cannot be reached. */
  signedOut(userId: string): Promise<void>
  /**
   * Makes presence true again after an outage: call it now and then. It asks the service about each connection in
   * `scope`. Rejects when the store or the service cannot answer.
   */
  healPresence(scope: HealingScope): Promise<void>
}

/** The chat's backend: events and requests come in, the store changes, clients are told. */
export function createApi(options: ApiOptions): Api {
  const backend: HttpBackend = { ...options, unheard: new Map() }
  return {
    events: createChatEvents(backend),
    fetch: (request) => answer(backend, request),
    signedOut: (userId) => options.pubsub.closeUserConnections(userId, { reason: 'signed out' }),
    healPresence: (scope) => healPresence(backend, scope),
  }
}
