import type { LogEntry } from '../model.ts'
import { describeFault } from './fault.ts'
import { originHeaders } from './headers.ts'
import { type HttpAnswer, isSuccess, valuesOf } from './http-answer.ts'
import type { HttpClient } from './http-client.ts'
import type { Target } from './settings.ts'

/** `refused`: it answered, and did not allow us. `unreachable`: nobody knows. */
export type Verdict = 'allowed' | 'refused' | 'unreachable'

export interface ValidationOptions {
  client: HttpClient
  /** Our host, without a port. */
  origin: string
  clock: () => number
  timeoutMs: number
  log: (entry: LogEntry) => void
}

export type Validation = ReturnType<typeof createValidation>

const hourMs = 3_600_000
/** Shorter than the first pause between two attempts of one call, so that the second one asks again. */
const firstPauseMs = 500
const longestPauseMs = 60_000

interface Entry {
  verdict: Verdict | undefined
  dueAt: number
  pauseMs: number
  running: Promise<Verdict> | undefined
}

/**
 * Asks a handler, before it gets anything, whether it wants to be called from here (spec 10.4). An answer holds for an
 * hour; after a failure there is a pause of half a second, which doubles up to a minute. All who wait share one request.
 * While a permission is renewed it still holds, and a handler that cannot be reached has not taken it back.
 */
export function createValidation(options: ValidationOptions) {
  const entries = new Map<string, Entry>()
  return { check }

  /** For the address that `target` is, which should have `validate` for its event. */
  function check(target: Target): Verdict | Promise<Verdict> {
    const key = target.host + target.path + String(target.isTls)
    const entry = entries.get(key) ?? { verdict: undefined, dueAt: 0, pauseMs: firstPauseMs, running: undefined }
    entries.set(key, entry)
    if (options.clock() >= entry.dueAt) entry.running ??= renew(entry, target)
    if (entry.verdict === 'allowed') return 'allowed'
    return entry.running ?? entry.verdict ?? 'unreachable'
  }

  async function renew(entry: Entry, target: Target): Promise<Verdict> {
    const verdict = await askTwice(options, target)
    const isAllowed = verdict === 'allowed'
    entry.dueAt = options.clock() + (isAllowed ? hourMs : entry.pauseMs)
    entry.pauseMs = isAllowed ? firstPauseMs : Math.min(entry.pauseMs * 2, longestPauseMs)
    if (entry.verdict !== 'allowed' || verdict !== 'unreachable') entry.verdict = verdict
    entry.running = undefined
    return entry.verdict
  }
}

/** Some do not know OPTIONS: they are asked by GET. */
async function askTwice(options: ValidationOptions, target: Target): Promise<Verdict> {
  const verdict = await ask(options, target, 'OPTIONS')
  return verdict === 'unknown' ? refuseUnknown(await ask(options, target, 'GET')) : verdict
}

const refuseUnknown = (verdict: Verdict | 'unknown') => (verdict === 'unknown' ? 'refused' : verdict)

async function ask({ client, origin, timeoutMs, log }: ValidationOptions, target: Target, method: 'OPTIONS' | 'GET') {
  const note = { level: 'warn', event: 'webhookNotValid', url: target.shown } as const
  try {
    const headers = originHeaders(origin)
    // everybody waits for it
    const request = { method, target, client: 'validation', isHandshake: true, headers, body: undefined }
    const answer = await client.send(request, { headersMs: timeoutMs, bodyMs: timeoutMs, bodyMaxBytes: 0 })
    const verdict = judge(answer, origin)
    if (verdict !== 'allowed') log({ ...note, method, status: answer.status })
    return verdict
  } catch (error) {
    log({ ...note, method, error: describeFault(error) })
    return 'unreachable'
  }
}

function judge({ status, headers }: HttpAnswer, origin: string): Verdict | 'unknown' {
  if (status === 404) return 'unknown'
  if (isPassing(status)) return 'unreachable'
  return isSuccess(status) && isAllowed(valuesOf(headers, 'webhook-allowed-origin'), origin) ? 'allowed' : 'refused'
}

/** An answer that the next try may well not get (spec 10.7). */
export const isPassing = (status: number) => status === 408 || status >= 500

/** `*`, or our host with or without a port; in lists, in repeated headers, in any case. */
function isAllowed(values: string[], origin: string): boolean {
  const allowed = values.flatMap((value) => value.split(',')).map((value) => value.trim().toLowerCase())
  const host = origin.toLowerCase()
  return allowed.some((value) => value === '*' || value === host || value.replace(/:\d+$/, '') === host)
}
