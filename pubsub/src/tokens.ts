import * as z from 'zod/mini'
import { type KeyRing, openKeyRing, signHs256, verifyHs256 } from './hs256.ts'
import { wireLimits } from './limits.ts'
import { hubKey } from './names.ts'

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
  /** A client's token (spec 2.3); `undefined` for whatever is wrong with it, the answer is 401 in each case. */
  verify(token: string, target: ClientTarget): ClientClaims | undefined
  /**
   * A token for one REST request (spec 2.4), `undefined` likewise. `origin`: how its sender calls this service, for
   * links that he can follow.
   */
  verifyRest(token: string, request: RestTarget): { origin: string } | undefined
  /** A client's token as the official client signs it. */
  sign(grant: TokenGrant): string
  /** A client's token as the service itself makes it in `:generateToken`. */
  mint(grant: TokenGrant): string
  /** From now on only these sign and verify. Connections that are open stay. Throws for an empty key. */
  setKeys(keys: readonly [string, ...string[]]): void
}

interface ClientTarget {
  /** In any case. */
  hub: string
  /** `host` or `host:port` of the handshake's request, in lower case. */
  host: string
}

interface RestTarget {
  /** `host` or `host:port` of the request, in lower case. */
  host: string
  /** As it came, percent escapes and all, without the query. */
  path: string
}

export type ClientProtocol = 'default' | 'mqtt' | 'socketio'

/** Where clients of a protocol connect (spec 1.1); a token names it. */
export const clientPaths: Readonly<Record<ClientProtocol, string>> = {
  default: '/client/hubs/',
  mqtt: '/clients/mqtt/hubs/',
  socketio: '/clients/socketio/hubs/',
}

interface TokenGrant {
  /** In the caller's spelling. */
  hub: string
  userId?: string | undefined
  roles?: readonly string[] | undefined
  groups?: readonly string[] | undefined
  lifeMinutes: number
  protocol?: ClientProtocol | undefined
}

/** The ring changes with `setKeys`; `id` is what minted tokens call its first key. */
interface Desk extends Omit<TokenOptions, 'keys' | 'acceptedHosts'> {
  ring: KeyRing
  keyId: string
  hosts: ReadonlySet<string>
}

/** Tokens signed with a key of this service: those of clients (spec 2.2, 2.3) and those of REST requests (2.4). */
export function createTokens({ endpoint, keys, acceptedHosts, clock }: TokenOptions): Tokens {
  const hosts = new Set([endpoint.host, ...acceptedHosts.map((host) => host.toLowerCase())].map(withoutDefaultPort))
  const desk: Desk = { endpoint, clock, hosts, ring: openKeyRing(keys), keyId: newKeyId() }
  return {
    verify: (token, target) => verifyClient(desk, token, target),
    verifyRest: (token, request) => verifyRest(desk, token, request),
    sign: (grant) => sign(desk, grant),
    mint: (grant) => mint(desk, grant),
    setKeys: (next) => {
      desk.ring = openKeyRing(next)
      desk.keyId = newKeyId()
    },
  }
}

/** Nobody looks keys up by it: a random one says nothing about the key. */
const newKeyId = () => `s-${crypto.randomUUID()}`

const oneOrMore = z.union([z.string(), z.array(z.string())])
const Claims = z.object({
  aud: oneOrMore,
  sub: z.optional(z.string()),
  role: z.optional(oneOrMore),
  'webpubsub.group': z.optional(oneOrMore),
})

function verifyClient(desk: Desk, token: string, target: ClientTarget): ClientClaims | undefined {
  const payload = readTimely(desk, token)
  if (!payload) return undefined
  const claims = Claims.safeParse(payload)
  if (!claims.success) return undefined
  const { aud, sub, role, 'webpubsub.group': group } = claims.data
  if (!listOf(aud).some((audience) => isClientAudience(audience, target, desk.hosts))) return undefined
  return { userId: sub || undefined, roles: listOf(role), groups: listOf(group), all: toClaimLists(payload) }
}

/** It must end, and may begin; five minutes of difference between the clocks are forgiven (spec 2.2). */
function readTimely({ ring, clock }: Desk, token: string): Record<string, unknown> | undefined {
  const claims = verifyHs256(ring, token)
  if (!claims) return undefined
  const { exp, nbf } = claims
  const now = Math.floor(clock() / 1_000)
  const hasEnded = typeof exp !== 'number' || exp <= now - wireLimits.clockSkewSeconds
  const hasBegun = nbf === undefined || (typeof nbf === 'number' && nbf <= now + wireLimits.clockSkewSeconds)
  return !hasEnded && hasBegun ? claims : undefined
}

const schemes = new Set(['http:', 'https:', 'ws:', 'wss:'])

/** The scheme does not count, host and port do, the path must be the hub's own (spec 2.3, verified live). */
function isClientAudience(audience: string, target: ClientTarget, hosts: ReadonlySet<string>): boolean {
  const url = URL.parse(audience)
  if (!url || !schemes.has(url.protocol) || url.hash !== '' || !isOurs(url.host, target.host, hosts)) return false
  const named = audienceHub(url)
  return named !== undefined && hubKey(named) === hubKey(target.hub)
}

/** The host that was asked is as good as one that is configured: how a mapped port is called, only its callers know. */
function isOurs(named: string, asked: string, hosts: ReadonlySet<string>): boolean {
  const host = withoutDefaultPort(named)
  return host !== '' && (host === withoutDefaultPort(asked) || hosts.has(host))
}

/** As the scheme does not count, the port of either means the same as none. */
const withoutDefaultPort = (host: string) => host.replace(/:(?:80|443)$/, '')

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

function verifyRest(desk: Desk, token: string, request: RestTarget): { origin: string } | undefined {
  const aud = readTimely(desk, token)?.['aud']
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  for (const audience of audiences) {
    const origin = typeof audience === 'string' ? originFor(audience, request, desk.hosts) : undefined
    if (origin !== undefined) return { origin }
  }
  return undefined
}

const absoluteUrl = /^(http|ws)(s?):\/\/([^/?#]+)([^?#]*)/i

/** The audience's origin, if it is a URL of this request. Not parsed as a URL: its path counts as it was written. */
function originFor(audience: string, request: RestTarget, hosts: ReadonlySet<string>): string | undefined {
  const [, , secure = '', authority = '', path = ''] = absoluteUrl.exec(audience) ?? []
  const host = authority.toLowerCase().replace(secure === '' ? /:80$/ : /:443$/, '')
  if (!isOurs(host, request.host, hosts)) return undefined
  return isPathOf(path, request.path) ? `http${secure.toLowerCase()}://${host}` : undefined
}

/** As supplied or decoded once, without case, perhaps with more behind it (spec 2.4). */
function isPathOf(audience: string, path: string): boolean {
  if (isWithin(audience, path)) return true
  if (!audience.includes('%') && !path.includes('%')) return false
  const decoded = decodeSegment(path) ?? path
  return isWithin(audience, decoded) || isWithin(decodeSegment(audience) ?? audience, decoded)
}

function isWithin(audience: string, path: string): boolean {
  if (audience === path) return true
  const rest = audience.slice(path.length)
  return (rest === '' || rest.startsWith('/')) && audience.slice(0, path.length).toLowerCase() === path.toLowerCase()
}

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const toClaimLists = (payload: object): Record<string, string[]> =>
  Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, toStrings(value)]))

const toStrings = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(toText)
const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The claims come in the order in which the official client writes them. */
function sign({ ring, clock, endpoint }: Desk, grant: TokenGrant): string {
  const { roles, groups, userId } = grant
  const { iat, exp } = lifeOf(grant, clock)
  return signHs256(ring, {
    ...(roles && { role: roles }),
    ...(groups && { 'webpubsub.group': groups }),
    iat,
    exp,
    aud: endpoint.origin + pathOf(grant),
    ...(userId && { sub: userId }),
  })
}

const pathOf = ({ hub, protocol = 'default' }: TokenGrant) => clientPaths[protocol] + hub

function lifeOf({ lifeMinutes }: TokenGrant, clock: () => number) {
  const iat = Math.floor(clock() / 1_000)
  return { iat, exp: iat + Math.round(lifeMinutes * 60) }
}

/** As the real service does it (spec 2.3): an issuer, a key id, and an audience that is always https. */
function mint({ ring, keyId, clock, endpoint }: Desk, grant: TokenGrant): string {
  const { roles, groups, userId } = grant
  const { iat, exp } = lifeOf(grant, clock)
  const claims = {
    ...(userId && { sub: userId }),
    ...(roles?.length && { role: roles }),
    ...(groups?.length && { 'webpubsub.group': groups }),
    nbf: iat,
    exp,
    iat,
    iss: 'https://webpubsub.azure.com',
    aud: `https://${endpoint.host}${pathOf(grant)}`,
  }
  return signHs256(ring, claims, { kid: keyId })
}
