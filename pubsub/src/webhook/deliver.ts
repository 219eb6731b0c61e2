import { describeFault, webhookFault } from './fault.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { HttpClient, HttpRequest } from './http-client.ts'
import type { Target } from './settings.ts'
import { isPassing, type Validation, type Verdict } from './validation.ts'

/** One attempt to call a handler, or to ask whether it may be called (event `validate`). */
export interface WebhookCall {
  hub: string
  event: string
  connectionId: string
  /** Without its query, which may hold a code. */
  url: string
  /** Absent where no answer came. */
  status?: number
  error?: string
  /** From 1. */
  attempt: number
  ms: number
  /** Milliseconds since 1970. */
  at: number
}

/** What is sent, to whom, and how much of an answer is taken. */
export interface Delivery {
  request: HttpRequest
  /** Where the handler is asked whether it wants calls. */
  validationTarget: Target
  bodyMaxBytes: number
  report: (outcome: { status?: number; error?: string; attempt: number; ms: number }) => void
}

export interface DeliveryOptions {
  client: HttpClient
  validation: Validation
  /** Until the headers of the last answer, with all attempts and the pauses between them; again as long for its body. */
  timeoutMs: number
  /** Before the second attempt, the third and so on. */
  retryDelaysMs: readonly number[]
  /** Aborted: no more attempts are begun. */
  stop: AbortSignal
}

type Outcome = { answer: HttpAnswer } | { error: unknown }

/**
 * Calls a handler until it answers (spec 10.7). 408, 5xx and network faults are tried again; a time-out is not, and
 * neither is a handler that does not want to be called. Resolves with the last answer, whatever its status.
 */
export async function deliver(options: DeliveryOptions, delivery: Delivery): Promise<HttpAnswer> {
  const deadline = performance.now() + options.timeoutMs
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(options, delivery, { attempt, deadline })
    const delayMs = options.retryDelaysMs[attempt - 1]
    const isLast = delayMs === undefined || performance.now() + delayMs >= deadline || options.stop.aborted
    if (isLast || !mayPass(outcome)) return settle(outcome)
    await pause(delayMs, options.stop)
    if (options.stop.aborted) return settle(outcome)
  }
}

async function tryOnce(
  { client, validation, timeoutMs }: DeliveryOptions,
  { request, validationTarget, bodyMaxBytes, report }: Delivery,
  { attempt, deadline }: { attempt: number; deadline: number },
): Promise<Outcome> {
  const since = performance.now()
  try {
    const verdict = validation.check(validationTarget)
    const fault = faults[typeof verdict === 'string' ? verdict : await verdict]
    if (fault) throw fault()
    const headersMs = deadline - performance.now()
    const answer = await client.send(request, { headersMs, bodyMs: timeoutMs, bodyMaxBytes })
    report({ status: answer.status, attempt, ms: performance.now() - since })
    return { answer }
  } catch (error) {
    report({ error: describeFault(error), attempt, ms: performance.now() - since })
    return { error }
  }
}

const faults: Record<Verdict, (() => Error) | undefined> = {
  allowed: undefined,
  refused: () => webhookFault('Refused', 'the handler does not allow calls from this host'),
  unreachable: () => webhookFault('Unreachable', 'the handler could not be asked whether it allows calls'),
}

const passingFaults = new Set(['NetworkError', 'Unreachable'])

const mayPass = (outcome: Outcome) =>
  'answer' in outcome
    ? isPassing(outcome.answer.status)
    : outcome.error instanceof Error && passingFaults.has(outcome.error.name)

function settle(outcome: Outcome): HttpAnswer {
  if ('answer' in outcome) return outcome.answer
  throw outcome.error
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    stop.addEventListener('abort', end)
  })
}
