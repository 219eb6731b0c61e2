import type { ChatEvents } from './chat/chat-events.ts'
import { createChatEvents } from './chat/create-chat-events.ts'
import { answer } from './http/fetch.ts'
import type { HttpBackend } from './http/route.ts'

export type * from './ports.ts'
export type * from './chat/chat-events.ts'
export type { WebhookSettings } from './http/route.ts'

/**
 * `clock` is in milliseconds since 1970; `hub` the name of the service's hub that is the chat's. Without `webhook` there
 * is no service elsewhere, and nobody may call as one. `publicOrigin` gives, where the service is reached at the address
 * the browser used, that address (`https://chat.example`).
 */
export type ApiOptions = HttpBackend

export interface Api {
  /** For a service in the same process. */
  events: ChatEvents
  /** Answers everything under `/api`; never rejects. Trusts the header `x-ms-client-principal`: strip it from outside. */
  fetch(request: Request): Promise<Response>
  /** Closes the user's connections, all his tabs. Rejects when the service cannot be reached. */
  signedOut(userId: string): Promise<void>
}

/** The chat's backend: events and requests come in, the store changes, clients are told. */
export const createApi = (options: ApiOptions): Api => ({
  events: createChatEvents(options),
  fetch: (request) => answer(options, request),
  signedOut: (userId) => options.pubsub.closeUserConnections(userId, { reason: 'signed out' }),
})
