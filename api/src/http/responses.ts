import type { ErrorResponse } from '@chatr/protocol'

/** Nothing that the API says is for a cache: it is one person's, and changes. */
const headers = { 'Cache-Control': 'no-store' }

export const json = (body: unknown, status = 200): Response => Response.json(body, { status, headers })

export const empty = (status: number, more: Record<string, string> = {}): Response =>
  new Response(null, { status, headers: { ...headers, ...more } })

const statuses: Record<ErrorResponse['error']['code'], number> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  Duplicate: 409,
  TooLarge: 413,
  Unavailable: 503,
}

/** `message` is for a developer, in English. */
export function failure(code: keyof typeof statuses, message: string): Response {
  const body: ErrorResponse = { error: { code, message } }
  return json(body, statuses[code])
}

export function methodNotAllowed(allowed: readonly string[]): Response {
  const body: ErrorResponse = { error: { code: 'BadRequest', message: `use ${allowed.join(' or ')}` } }
  return Response.json(body, { status: 405, headers: { ...headers, Allow: allowed.join(', ') } })
}
