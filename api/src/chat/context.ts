import type { FailureCode } from '@chatr/protocol'
import type { ConnectionContext } from './chat-events.ts'
import type { ChatStore, PubSubService } from '../ports.ts'

/** What every rule of the chat works with. */
export interface Backend {
  store: ChatStore
  pubsub: PubSubService
  /** Milliseconds since 1970. */
  clock: () => number
  log: (entry: Record<string, unknown>) => void
  /** Connections whose coming or going has not been written down (yet), by id. */
  unheard: Map<string, Comer>
}

/** A connection that comes or goes. */
export type Comer = Pick<ConnectionContext, 'connectionId' | 'userId' | 'state'>

/** The backend, and who asks: as the connection says, never as the data does. */
export interface ChatContext extends Backend {
  userId: string
  connectionId: string
}

/** An expected "no". `message` is for a developer, in English. */
export interface Refusal {
  code: FailureCode
  message: string
}

export type Result = { ok: true } | { ok: false; refusal: Refusal }

export const done: Result = { ok: true }

export const refuse = (code: FailureCode, message: string): Result => ({ ok: false, refusal: { code, message } })

/** Also the answer for a private chat of others: nobody can find out that it is there. */
export const noSuchChat = (chatId: string): Result => refuse('NotFound', `there is no chat ${chatId}`)

/** The time of an entry, as the log writes it. */
export const timestamp = ({ clock }: Backend) => new Date(clock()).toISOString()

/** What a notice of ours in a chat's log begins with; what people say brings its own id. */
export const newEntry = (backend: Backend) => ({ id: crypto.randomUUID(), at: timestamp(backend) })

/** One fact about an outage, in the shape of the service's own: `level` and `event` first. Never a text or a token. */
export function logError({ log }: Pick<Backend, 'log'>, error: unknown, entry: Record<string, unknown>): void {
  log({
    level: 'error',
    event: 'outage',
    ...entry,
    error: String(error),
    stack: error instanceof Error ? error.stack : undefined,
  })
}
