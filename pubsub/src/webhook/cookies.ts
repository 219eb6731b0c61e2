import { type AnswerHeaders, valuesOf } from './http-answer.ts'
import type { Target } from './settings.ts'

/** What a handler asked to be sent back to it, for one connection: how load balancers keep a client with one server. */
export interface Cookie {
  name: string
  value: string
  host: string
  path: string
  isSecure: boolean
  /** Milliseconds since 1970. */
  expiresAt: number
}

const cookiesMax = 20
const cookieMaxLength = 4_096

/**
 * The jar after an answer of `target`. A cookie goes back to the host that set it and to no other, whatever its
 * `Domain` says. The oldest is forgotten when there are more than 20; one over 4 KiB is ignored.
 */
export function takeCookies(
  jar: readonly Cookie[],
  headers: AnswerHeaders,
  { target, now }: { target: Target; now: number },
): readonly Cookie[] {
  const set = valuesOf(headers, 'set-cookie').flatMap((line) => parseCookie(line, target, now))
  if (set.length === 0) return jar
  const kept = [...jar]
  for (const cookie of set) {
    const at = kept.findIndex((other) => isSame(cookie, other))
    if (at !== -1) kept.splice(at, 1)
    if (cookie.expiresAt > now) kept.push(cookie)
  }
  return kept.slice(-cookiesMax)
}

/** The `Cookie` header for a request to `target`, if there is any. */
export function cookieHeader(jar: readonly Cookie[], target: Target, now: number): string | undefined {
  const fitting = jar.filter(
    ({ host, path, isSecure, expiresAt }) =>
      host === target.hostname && isWithin(target.path, path) && (target.isTls || !isSecure) && expiresAt > now,
  )
  return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ')
}

const isSame = (one: Cookie, other: Cookie) =>
  one.name === other.name && one.host === other.host && one.path === other.path

function isWithin(requestPath: string, path: string): boolean {
  const [pathname = ''] = requestPath.split('?')
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}

function parseCookie(line: string, target: Target, now: number): Cookie[] {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const equals = pair.indexOf('=')
  if (equals < 1 || line.length > cookieMaxLength) return []
  const attributes = new Map(rest.map(parseAttribute))
  const path = attributes.get('path') ?? ''
  return [
    {
      name: pair.slice(0, equals),
      value: pair.slice(equals + 1),
      host: target.hostname,
      path: path.startsWith('/') ? path : folderOf(target.path),
      isSecure: attributes.has('secure'),
      expiresAt: expiryOf(attributes, now),
    },
  ]
}

function parseAttribute(part: string): [string, string] {
  const [name = '', ...value] = part.split('=')
  return [name.trim().toLowerCase(), value.join('=').trim()]
}

/** `/a/b` is in `/a` (RFC 6265, 5.1.4). */
function folderOf(requestPath: string): string {
  const [pathname = ''] = requestPath.split('?')
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function expiryOf(attributes: Map<string, string>, now: number): number {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1_000
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires
}
