import type { LogEntry } from '../model.ts'
import { cookieHeader, takeCookies } from './cookies.ts'
import { deliver, type DeliveryOptions, type WebhookCall } from './deliver.ts'
import { formatTime, type Subject, toHeaderValue } from './headers.ts'
import { type HttpAnswer, isSuccess } from './http-answer.ts'
import { createHttpClient } from './http-client.ts'
import type { Memory } from './memory.ts'
import type { Route } from './settings.ts'
import { createValidation } from './validation.ts'

export interface CallerOptions {
  origin: string
  clock: () => number
  log: (entry: LogEntry) => void
  onCall: (call: WebhookCall) => void
  timeoutMs: number
  validationTimeoutMs: number
  retryDelaysMs: readonly number[]
  connectionsMax: number
  ca: string | undefined
}

/** One event, on its way to the handler that `route` is. */
export interface Call {
  subject: Subject
  memory: Memory
  route: Route
  /** Somebody waits to be let in. */
  isHandshake?: boolean
  /** `ce-eventName`. */
  event: string
  /** `ce-type`. */
  type: string
  id: number
  /** The headers of its connection. */
  head: readonly string[]
  /** Those of this event alone. */
  metadata?: readonly string[]
  contentType: string
  body: Uint8Array
  bodyMaxBytes: number
}

/** Makes calls, with all that outlives one of them: connections, permissions, and who is under way. */
export function openCaller(options: CallerOptions) {
  const { origin, clock, log, connectionsMax, ca, timeoutMs, validationTimeoutMs, retryDelaysMs } = options
  const client = createHttpClient({ connectionsMax, ca })
  const validation = createValidation({ client, origin, clock, timeoutMs: validationTimeoutMs, log })
  const stop = new AbortController()
  const stopRetrying = () => stop.abort()
  const delivery = { client, validation, timeoutMs, retryDelaysMs, stop: stop.signal }
  const waiting = new Set<() => void>()
  let underWay = 0
  return { call, stopRetrying, close }

  async function call(call: Call): Promise<HttpAnswer> {
    underWay++
    try {
      return await send(delivery, options, call)
    } finally {
      if (--underWay === 0) for (const wake of waiting) wake()
    }
  }

  async function close(): Promise<void> {
    if (underWay > 0) await new Promise<void>((resolve) => waiting.add(resolve))
    client.close()
  }
}

/** The cookies of the answer are kept if it is a success. */
async function send(delivery: DeliveryOptions, { clock, onCall }: CallerOptions, call: Call): Promise<HttpAnswer> {
  const { subject, memory, route, event, bodyMaxBytes, body, isHandshake = false } = call
  const { hub, connectionId } = subject
  const at = clock()
  const target = route.targetOf(hub, event)
  const cookie = cookieHeader(memory.cookies, target, at)
  const answer = await deliver(delivery, {
    request: { method: 'POST', target, client: connectionId, isHandshake, headers: headersOf(call, cookie, at), body },
    validationTarget: route.targetOf(hub, 'validate'),
    bodyMaxBytes,
    report: (outcome) => onCall({ hub, event, connectionId, url: target.shown, ...outcome, at: clock() }),
  })
  if (isSuccess(answer.status)) memory.cookies = takeCookies(memory.cookies, answer.headers, { target, now: clock() })
  return answer
}

function headersOf(call: Call, cookie: string | undefined, at: number): string[] {
  const { subject, head, event, type, id, metadata = [], contentType } = call
  const lines = ['Content-Type', contentType, ...head, 'ce-type', type, 'ce-id', String(id)]
  lines.push('ce-time', formatTime(at), 'ce-eventName', event)
  if (subject.state) lines.push('ce-connectionState', toHeaderValue('ce-connectionState', subject.state))
  lines.push('x-ms-client-request-id', crypto.randomUUID(), ...metadata)
  if (cookie !== undefined) lines.push('Cookie', cookie)
  return lines
}
