import type { ClientPrincipal, Failure } from '@chatr/protocol'
import type { Payload } from '../chat/chat-events.ts'
import { type Api, type ApiOptions, createApi } from '../index.ts'
import type { ChatStore } from '../ports.ts'
import { openSqliteStore } from '../stores/sqlite/index.ts'
import { createRecordingPubSub, type RecordingPubSub, type ServerMessage } from './recording-pubsub.ts'

export const serviceKey = 'local-dev-key-primary-0123456789abcdef'

/** A whole backend over a real store, with a table in the place of the service. */
export interface House {
  api: Api
  store: ChatStore
  pubsub: RecordingPubSub
  logged: Record<string, unknown>[]
  /** Signs `userId` in and connects him, as the service would; the connection has the same name unless told. */
  enter(userId: string, connectionId?: string): Promise<void>
  exit(connectionId: string): Promise<void>
  /** Raises a client event; gives the `failed` that came back, if one did. Objects travel as json, text as text. */
  ask(connectionId: string, name: string, data?: unknown): Promise<Failure | undefined>
  /** As `ask`, with a payload as it is. */
  raise(connectionId: string, name: string, payload: Payload): Promise<ServerMessage | undefined>
  get(path: string, userId?: string): Promise<Response>
}

export function openHouse(options: Partial<ApiOptions> = {}): House {
  const store = options.store ?? openSqliteStore({ file: ':memory:' })
  const pubsub = createRecordingPubSub()
  const logged: Record<string, unknown>[] = []
  const users = new Map<string, string>()
  let now = Date.UTC(2026, 0, 1)
  const api = createApi({
    store,
    pubsub: pubsub.service,
    clock: () => now++,
    log: (entry) => logged.push(entry),
    version: '1.2.3',
    settings: { idleAfterSeconds: 60 },
    hub: 'chat',
    ...options,
  })
  const contextOf = (connectionId: string) => ({
    hub: 'chat',
    connectionId,
    userId: users.get(connectionId),
    subprotocol: 'json.webpubsub.azure.v1',
    state: undefined,
  })

  const enter: House['enter'] = async (userId, connectionId = userId) => {
    await store.saveUser({ userId, userName: userId.toUpperCase(), userProvider: 'guest' })
    users.set(connectionId, userId)
    const request = { ...contextOf(connectionId), claims: {}, query: {}, headers: {}, subprotocols: [] }
    const answer = await api.events.connect(request)
    if (!answer.accept) throw new Error(`refused with ${answer.status}`)
    pubsub.open(connectionId, { userId, groups: answer.groups ?? [], roles: answer.roles ?? [] })
    await api.events.connected({ ...contextOf(connectionId), state: answer.state })
  }
  const raise: House['raise'] = async (connectionId, name, payload) => {
    const { reply } = await api.events.event(contextOf(connectionId), { name, payload })
    return reply?.data as ServerMessage | undefined // the api replies with server events only
  }
  return {
    api,
    store,
    pubsub,
    logged,
    enter,
    raise,
    exit: async (connectionId) => {
      pubsub.close(connectionId)
      await api.events.disconnected(contextOf(connectionId), 'gone')
    },
    ask: async (connectionId, name, data = {}) => {
      const payload: Payload = typeof data === 'string' ? { dataType: 'text', data } : { dataType: 'json', data }
      const reply = await raise(connectionId, name, payload)
      if (reply !== undefined && reply.chatEvent !== 'failed') throw new Error(`replied with ${reply.chatEvent}`)
      return reply?.data as Failure | undefined // by the line above
    },
    get: (path, userId) =>
      api.fetch(
        new Request(`http://localhost${path}`, { headers: userId === undefined ? {} : principalHeaders(userId) }),
      ),
  }
}

export function principalHeaders(userId: string, more: Partial<ClientPrincipal> = {}): Record<string, string> {
  const principal: ClientPrincipal = {
    identityProvider: 'guest',
    userId,
    userDetails: userId.toUpperCase(),
    userRoles: ['anonymous', 'authenticated'],
    ...more,
  }
  const bytes = new TextEncoder().encode(JSON.stringify(principal))
  return { 'x-ms-client-principal': btoa(String.fromCharCode(...bytes)) }
}
