import type { Engine } from '../model.ts'
import type { Refusal } from '../service/refusals.ts'

/**
 * What a handler comes to. A number: a status without a body. `plain`: a refusal whose content type does not tell its
 * shape.
 */
export type Answer = number | { body: string } | Refusal | { plain: Refusal }

/** The generally available versions (spec 9.1), the last one is the one that is spoken. */
export const apiVersions = ['2021-10-01', '2022-11-01', '2023-07-01', '2024-01-01', '2024-12-01'] as const
export const latestVersion = apiVersions[4]

const json = 'application/json; charset=utf-8'
const problem = 'application/problem+json; charset=utf-8'

/** Turns answers into responses with the headers of the real service (spec 9.1). */
export interface Responder {
  /** Of an operation. */
  respond(request: Request, answer: Answer): Response
  /** Before there is one: an unknown path, a wrong method, no token. */
  reject(request: Request, status: number, headers?: Record<string, string>): Response
  health(request: Request, status: number): Response
}

export function createResponder({ engine, endpoint }: { engine: Engine; endpoint: URL }): Responder {
  const secure: Headers =
    endpoint.protocol === 'https:' ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}
  const common = { 'api-supported-versions': apiVersions.join(', '), ...secure }
  const send = (request: Request, { body, status, headers }: Sheet) => {
    // Bun dates every answer but those to HEAD; to those it gives the length of the body, without the body
    const date = request.method === 'HEAD' ? { Date: new Date(engine.clock()).toUTCString() } : {}
    return new Response(body ?? null, { status, headers: { ...date, ...headers } })
  }
  return {
    respond: (request, answer) => send(request, toSheet(answer, { common, secure })),
    reject: (request, status, headers = {}) => send(request, { status, headers: { ...common, ...headers } }),
    health: (request, status) => send(request, { status, headers: secure }),
  }
}

type Headers = Record<string, string>

interface Sheet {
  status: number
  headers: Headers
  body?: string
}

function toSheet(answer: Answer, sets: { common: Headers; secure: Headers }): Sheet {
  const { common } = sets
  if (typeof answer === 'number') return { status: answer, headers: common }
  if ('body' in answer) return { status: 200, headers: { 'Content-Type': json, ...common }, body: answer.body }
  const refusal = 'plain' in answer ? answer.plain : answer
  const { status, code } = refusal
  if (!refusal.isValidation) {
    const headers = { 'Content-Type': json, ...common, 'x-ms-error-code': code }
    return { status, headers, body: errorOf(refusal) }
  }
  // these are made before the real service knows the version (spec 9.1)
  const headers = { 'Content-Type': 'plain' in answer ? json : problem, ...sets.secure, 'x-ms-error-code': code }
  return { status, headers, body: problemOf(refusal) }
}

const errorOf = ({ code, message, target }: Refusal) =>
  JSON.stringify({ code, message, target, details: null, inner: null })

const problemOf = ({ code, message, target, status }: Refusal) =>
  JSON.stringify({
    code,
    message,
    target,
    errors: { [target]: [message] },
    type: null,
    title: 'One or more validation errors occurred.',
    status,
    detail: null,
    instance: null,
    extensions: {},
  })
