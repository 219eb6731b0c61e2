import { includes, same } from './expect.ts'
import { now, signToken } from './token.ts'
import type { Target } from './target.ts'

export interface RestAnswer {
  status: number
  headers: Headers
  text: string
}

export interface RestOptions {
  /** Default: signed for this very address. Empty: none is sent. */
  token?: string
  /** Objects go as JSON, strings as plain text, bytes as an octet stream, unless `headers` names a type. */
  body?: object | string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
}

export type Ask = (method: string, path: string, options?: RestOptions) => Promise<RestAnswer>

/** Asks the data plane by plain HTTP. `path` starts behind `/api/hubs/<hub>`; the api-version is added when it names none. */
export function openRest(target: Target, hub: string): Ask {
  return async (method, path, { token, body, headers = {} } = {}) => {
    const url = restUrl(target, hub, path)
    const credential = token ?? signToken({ aud: url, iat: now(), exp: now() + 600 }, target.key)
    const request = {
      method,
      headers: { ...bodyHeaders(body), ...(credential ? { authorization: `Bearer ${credential}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: encode(body) }),
    }
    const response = await fetch(url, request)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

export function restUrl({ endpoint }: Target, hub: string, path: string): string {
  const url = `${endpoint.origin}${path.startsWith('//') ? path.slice(1) : `/api/hubs/${hub}${path}`}`
  return /[?&]api-version/i.test(url) ? url : `${url}${url.includes('?') ? '&' : '?'}api-version=2024-12-01`
}

const bodyHeaders = (body: RestOptions['body']): Record<string, string> =>
  body === undefined ? {} : { 'content-type': bodyType(body) }

function bodyType(body: object | string): string {
  if (typeof body === 'string') return 'text/plain'
  return body instanceof Uint8Array ? 'application/octet-stream' : 'application/json'
}

const encode = (body: object | string | Uint8Array<ArrayBuffer>) =>
  typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)

export interface ErrorModel {
  status: number
  code: string
  message: string
  target: string
}

/** The answer is the service's error object, with its header and type. */
export function expectsError(answer: RestAnswer, { status, code, message, target }: ErrorModel): void {
  same(
    { status: answer.status, body: answer.text },
    {
      status,
      body: JSON.stringify({ code, message, target, details: null, inner: null }),
    },
  )
  expectsHeaders(answer, { 'x-ms-error-code': code, 'content-type': 'application/json; charset=utf-8' })
}

/** The answer is a problem document of model validation. */
export function expectsProblem(answer: RestAnswer, { message, target }: Pick<ErrorModel, 'message' | 'target'>): void {
  same(answer.status, 400, 'status')
  same(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', 'content type')
  const parsed: unknown = JSON.parse(answer.text)
  same(
    parsed,
    {
      code: 'Error.BadRequest',
      message,
      target,
      errors: { [target]: [message] },
      type: null,
      title: 'One or more validation errors occurred.',
      status: 400,
      detail: null,
      instance: null,
      extensions: {},
    },
    'problem document',
  )
}

export function expectsHeaders({ headers }: RestAnswer, expected: Record<string, string | null>): void {
  const names = Object.keys(expected)
  includes(Object.fromEntries(names.map((name) => [name, headers.get(name)])), expected, 'headers')
}
