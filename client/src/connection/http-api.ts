import { AuthMe, ChatsResponse, MessagesResponse, TokenResponse, UsersResponse } from '@chatr/protocol'
import type { User } from '@chatr/protocol'

/** The part of `fetch` that is used. */
export type Fetch = (path: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>

/** 401: the session ended. The only "no" that every question can get; everything else that goes wrong rejects. */
export const signedOut = Symbol('signed-out')
export type Answer<T> = Promise<T | typeof signedOut>

export interface MessagesAsked {
  before?: number
  after?: number
  around?: number
  since?: number
  limit?: number
}

/** The backend's HTTP routes, parsed. Each rejects on an outage, an unexpected status or an unreadable body. */
export interface HttpApi {
  getToken: () => Answer<TokenResponse>
  users: () => Answer<UsersResponse>
  chats: () => Answer<ChatsResponse>
  messages: (chatId: string, asked: MessagesAsked) => Answer<MessagesResponse>
}

/** A request that is not answered within this time (a network that went away in between) counts as failed. */
const answerWithinMs = 15_000

export function createHttpApi(fetch: Fetch): HttpApi {
  return {
    getToken: () => ask(fetch, '/api/getToken', TokenResponse),
    users: () => ask(fetch, '/api/users', UsersResponse),
    chats: () => ask(fetch, '/api/chats', ChatsResponse),
    messages: (chatId, asked) => {
      const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, `${value}`]))
      return ask(fetch, `/api/chats/${encodeURIComponent(chatId)}/messages?${query}`, MessagesResponse)
    },
  }
}

/** Who is signed in, `undefined` when nobody is. Rejects when the server cannot be asked. */
export async function loadPrincipal(fetch: Fetch = browserFetch): Promise<User | undefined> {
  const answer = await ask(fetch, '/.auth/me', AuthMe)
  if (answer === signedOut || !answer.clientPrincipal) return undefined
  const { userId, userDetails, identityProvider } = answer.clientPrincipal
  return { userId, userName: userDetails, userProvider: identityProvider }
}

export const browserFetch: Fetch = (path, init) => globalThis.fetch(path, { ...init, cache: 'no-store' })

interface Schema<T> {
  parse: (value: unknown) => T
}

async function ask<T>(fetch: Fetch, path: string, schema: Schema<T>): Answer<T> {
  const response = await fetch(path, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(answerWithinMs),
  })
  if (response.status === 401) return signedOut
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return schema.parse(await response.json())
}
