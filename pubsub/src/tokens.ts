import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
import { wireLimits } from './limits.ts'

export interface TokenOptions {
  endpoint: URL
  /** HMAC keys, taken as UTF-8: the first one signs, each one verifies. */
  keys: readonly [string, ...string[]]
  /** `host:port` values that a token may name besides the endpoint's: what a proxy in front is called. */
  acceptedHosts: readonly string[]
  /** Milliseconds since 1970. */
  clock: () => number
}

/** What a client's token says. */
export interface ClientClaims {
  userId: string | undefined
  roles: string[]
  groups: string[]
  /** Every claim, as the `connect` event tells it. */
  all: Record<string, string[]>
}

export interface Tokens {
  /** `undefined` for whatever is wrong with it; the answer is 401 in each case. */
  verify(token: string, hub: string): Promise<ClientClaims | undefined>
  sign(grant: TokenGrant): Promise<string>
}

interface TokenGrant {
  /** In the caller's spelling. */
  hub: string
  userId?: string | undefined
  roles?: readonly string[] | undefined
  groups?: readonly string[] | undefined
  lifeMinutes: number
}

const oneOrMore = z.union([z.string(), z.array(z.string())])
const Claims = z.object({
  aud: oneOrMore,
  sub: z.optional(z.string()),
  role: z.optional(oneOrMore),
  'webpubsub.group': z.optional(oneOrMore),
})

/** Client access tokens, signed with a key (spec 2.2 and 2.3). */
export function createTokens(options: TokenOptions): Tokens {
  const keys = options.keys.map((key) => importKey(key))
  const hosts = new Set([options.endpoint.host, ...options.acceptedHosts.map((host) => host.toLowerCase())])
  return {
    async verify(token, hub) {
      const payload = await verifyWithAny(token, keys, options.clock)
      const claims = payload && readClaims(payload)
      const isMeant = claims?.audiences.some((audience) => isAudience(audience, hub, hosts))
      return isMeant ? claims : undefined
    },
    sign: (grant) => sign(grant, options),
  }
}

function readClaims(payload: JWTPayload): (ClientClaims & { audiences: string[] }) | undefined {
  const claims = Claims.safeParse(payload)
  if (!claims.success) return undefined
  const { aud, sub, role, 'webpubsub.group': group } = claims.data
  return {
    audiences: listOf(aud),
    userId: sub || undefined,
    roles: listOf(role),
    groups: listOf(group),
    all: toClaimLists(payload),
  }
}

const utf8 = new TextEncoder()
const importKey = (key: string) =>
  crypto.subtle.importKey('raw', utf8.encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

type Key = ReturnType<typeof importKey>

async function verifyWithAny(token: string, keys: Key[], clock: () => number): Promise<JWTPayload | undefined> {
  const currentDate = new Date(clock())
  const clockTolerance = wireLimits.clockSkewSeconds
  for (const key of keys) {
    try {
      const rules = { algorithms: ['HS256'], requiredClaims: ['exp'], clockTolerance, currentDate }
      return (await jwtVerify(token, await key, rules)).payload
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      // a wrong signature may still fit the next key; every other fault stays one
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return undefined
    }
  }
  return undefined
}

const schemes = new Set(['http:', 'https:', 'ws:', 'wss:'])

/** The scheme does not count, host and port do, the path must be the hub's own (spec 2.3, verified live). */
function isAudience(audience: string, hub: string, hosts: Set<string>): boolean {
  const url = URL.parse(audience)
  if (!url || !schemes.has(url.protocol) || !hosts.has(url.host) || url.hash !== '') return false
  return audienceHub(url)?.toLowerCase() === hub.toLowerCase()
}

/** Both forms of the client URL name a hub (spec 1.1). */
function audienceHub({ pathname, search, searchParams }: URL): string | undefined {
  if (search !== '') return /^\/client\/?$/.test(pathname) ? (searchParams.get('hub') ?? undefined) : undefined
  const [, segment] = /^\/client\/hubs\/([^/]+)$/.exec(pathname) ?? []
  return segment === undefined ? undefined : decodeSegment(segment)
}

/** `undefined` for a broken percent escape. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const toClaimLists = (payload: JWTPayload): Record<string, string[]> =>
  Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, toStrings(value)]))

const toStrings = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(toText)
const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The claims come in the order in which the official client writes them. */
async function sign({ hub, userId, roles, groups, lifeMinutes }: TokenGrant, options: TokenOptions): Promise<string> {
  const issuedAt = Math.floor(options.clock() / 1_000)
  const claims: JWTPayload = {
    ...(roles && { role: [...roles] }),
    ...(groups && { 'webpubsub.group': [...groups] }),
    iat: issuedAt,
    exp: issuedAt + Math.round(lifeMinutes * 60),
    aud: `${options.endpoint.origin}/client/hubs/${hub}`,
    ...(userId && { sub: userId }),
  }
  const key = await importKey(options.keys[0])
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(key)
}
