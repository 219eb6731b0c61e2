import { newConnection } from './connection.ts'
import { countStatus, type UpstreamOutcome } from './counters.ts'
import { findHub, openHub, strayHub } from './hub.ts'
import { describeError } from './log.ts'
import type { Connection, Engine, Hub } from './model.ts'
import { isGroupName, isHubName, newConnectionId } from './names.ts'
import type { ConnectAnswer, ConnectRequest } from './ports.ts'
import { findRecoverable, type RecoveryRequest } from './recovery.ts'
import { negotiate, offersBuiltIn, parseOffers } from './subprotocols/negotiate.ts'
import { readSimpleMode } from './subprotocols/simple.ts'
import { closeReasons, type Subprotocol } from './subprotocols/subprotocol.ts'
import { type ClientClaims, decodeSegment, type Tokens } from './tokens.ts'
import { timeSystemEvent } from './upstream.ts'

/** An HTTP answer instead of the upgrade. */
export interface Rejection {
  status: number
  text: string
}

/**
 * `connection`: a new one, one to be taken up again, or one that has ended: that client is told so after the upgrade.
 * `subprotocolName`: what is echoed to the client, if anything.
 */
export type Handshake =
  | { ok: true; connection: Connection; subprotocolName: string | undefined }
  | { ok: false; rejection: Rejection }

/** What is looked at of a client's request: any `Request`, or less. */
export interface ClientRequest {
  url: string
  /** Names in lower case. */
  headers: Iterable<[string, string]> & { get(name: string): string | null | undefined }
}

/** Whether a URL belongs to clients; both forms of spec 1.1. */
export const isClientPath = ({ pathname }: { pathname: string }): boolean =>
  pathname === '/client' || pathname === '/client/' || pathname.startsWith('/client/hubs/')

/**
 * Decides about a client that wants to connect, in the order of spec 3.1; the backend's `connect` is waited for.
 * Nothing of a new connection can be seen yet when it returns.
 */
export async function shakeHands(engine: Engine, tokens: Tokens, request: ClientRequest): Promise<Handshake> {
  const client = readClient(request)
  engine.handshakeCount++
  const handshake = await decide(engine, tokens, client).finally(() => engine.handshakeCount--)
  if (!handshake.ok) countRefusal(engine, client, handshake.rejection)
  return handshake
}

/**
 * The same as it stands now, which is to be said right before the connection is opened: while the backend of one client
 * was asked, others came, or the service began to stop.
 */
export function settleHandshake(engine: Engine, handshake: Handshake): Handshake {
  if (!handshake.ok) return handshake
  const { hub, context, hasEnded } = handshake.connection
  const isNew = !hasEnded && !hub.connections.has(context.connectionId)
  const isFull = isNew && engine.connectionCount >= engine.limits.connectionsMax
  if (!engine.isDraining && !isFull) return handshake
  const late = engine.isDraining ? reject(503, closeReasons.reload.text) : full
  if (!late.ok) for (const { counters } of [engine, hub]) countStatus(counters.handshakesRefused, late.rejection.status)
  return late
}

function countRefusal(engine: Engine, { hubName = '' }: Client, { status }: Rejection): void {
  countStatus(engine.counters.handshakesRefused, status)
  const hub = findHub(engine, hubName)
  if (hub) countStatus(hub.counters.handshakesRefused, status)
}

async function decide(engine: Engine, tokens: Tokens, client: Client): Promise<Handshake> {
  if (!isUpgrade(client.request)) return reject(400, 'A WebSocket upgrade is needed.')
  if (engine.isDraining) return reject(503, closeReasons.reload.text)
  if (engine.handshakeCount > engine.limits.handshakesMax) return reject(503, 'Too many handshakes at once.')
  if (client.hubName === undefined || !isHubName(client.hubName)) return reject(400, 'Invalid hub name.')
  const recovery = recoveryIn(client)
  if (recovery) return takeUp(engine, client, recovery)
  const claims = readClaims(findHub(engine, client.hubName), tokens, client)
  if (!claims) return reject(401)
  if (!claims.groups.every(isGroupName)) return reject(400, 'The token contains an invalid group name.')
  const mode = offersBuiltIn(client.offers, engine.subprotocols) ? undefined : readSimpleMode(client.url.searchParams)
  if (mode && !mode.ok) return reject(400, mode.text)
  if (engine.connectionCount >= engine.limits.connectionsMax) return full
  return askBackend(openHub(engine, client.hubName), { claims, client, otherwise: mode?.subprotocol })
}

/** Both headers are lists (RFC 6455, 4.2.1); Bun looks at neither closely. */
export const isUpgrade = ({ headers }: Pick<ClientRequest, 'headers'>): boolean =>
  lists(headers.get('upgrade'), 'websocket') && lists(headers.get('connection'), 'upgrade')

const lists = (header: string | null | undefined, token: string) =>
  typeof header === 'string' && header.split(',').some((item) => item.trim().toLowerCase() === token)

const reject = (status: number, text = ''): Handshake => ({ ok: false, rejection: { status, text } })

const full = reject(429, 'Connection count reaches limit')

interface Client {
  request: ClientRequest
  url: URL
  /** As it stands in the URL. */
  hubName: string | undefined
  offers: string[]
}

function readClient(request: ClientRequest): Client {
  // a Host header that is none makes a URL that is none: it names no hub
  const url = URL.parse(request.url) ?? new URL('http://localhost/')
  const offers = parseOffers(request.headers.get('sec-websocket-protocol') ?? null)
  return { request, url, hubName: hubNameIn(url), offers }
}

function hubNameIn({ pathname, searchParams }: URL): string | undefined {
  if (pathname === '/client' || pathname === '/client/') return queryValue(searchParams, 'hub')
  return decodeSegment(pathname.slice('/client/hubs/'.length))
}

/** Names of query parameters count without case (spec 1.1). */
function queryValue(query: URLSearchParams, name: string): string | undefined {
  return [...query].find(([key]) => key.toLowerCase() === name)?.[1]
}

/** The access token is not looked at: it may have expired since (spec 3.1, step 3). */
function recoveryIn({ url }: Client): RecoveryRequest | undefined {
  const connectionId = queryValue(url.searchParams, 'awps_connection_id')
  if (!connectionId) return undefined
  return { connectionId, reconnectionToken: queryValue(url.searchParams, 'awps_reconnection_token') ?? '' }
}

/** A failure is told after the upgrade: an HTTP status would make clients try again and again (spec 6.4). */
function takeUp(engine: Engine, client: Client, recovery: RecoveryRequest): Handshake {
  const hub = findHub(engine, client.hubName ?? '')
  const connection = findRecoverable(hub, recovery)
  const spoken = connection?.context.subprotocol?.toLowerCase()
  const subprotocolName = client.offers.find((offer) => offer.toLowerCase() === spoken)
  if (connection && subprotocolName !== undefined) return { ok: true, connection, subprotocolName }
  if (hub) hub.counters.recoveriesFailed++
  return turnAway(hub ?? strayHub(engine), client.offers)
}

function turnAway(hub: Hub, offers: string[]): Handshake {
  const agreement = negotiate(offers, { builtIn: hub.engine.subprotocols })
  if (!agreement) return reject(400, closeReasons.unrecoverable.text)
  const { name: subprotocolName, subprotocol } = agreement
  const context = { hub: hub.name, connectionId: '', userId: undefined, subprotocol: subprotocolName, state: undefined }
  const connection = newConnection({ hub, subprotocol, roles: [], groups: [], context })
  connection.hasEnded = true
  return { ok: true, connection, subprotocolName }
}

/** Without any token only where the hub allows it; a token that is wrong is never better than none (spec 2.6). */
function readClaims(hub: Hub | undefined, tokens: Tokens, client: Client): ClientClaims | undefined {
  const token = tokenIn(client)
  if (token !== undefined) return tokens.verify(token, { hub: client.hubName ?? '', host: client.url.host })
  return hub?.settings.allowsAnonymous ? anonymous : undefined
}

const anonymous: ClientClaims = { userId: undefined, roles: [], groups: [], all: {} }

function tokenIn({ request, url }: Client): string | undefined {
  const [, bearer] = /^Bearer +(.+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return bearer ?? queryValue(url.searchParams, 'access_token')
}

interface Applicant {
  claims: ClientClaims
  client: Client
  /** What it speaks unless it is a built-in subprotocol. */
  otherwise: Subprotocol | undefined
}

async function askBackend(hub: Hub, { claims, client, otherwise }: Applicant): Promise<Handshake> {
  const question = toConnectRequest(hub, claims, client)
  const answer = await connect(hub, question)
  if (!answer.accept) return reject(refusalStatus(hub, answer.status))
  const builtIn = hub.engine.subprotocols
  const agreement = negotiate(client.offers, { builtIn, chosen: answer.subprotocol, otherwise })
  const groups = answer.groups?.length ? answer.groups : claims.groups
  if (!agreement || !groups.every(isGroupName)) {
    const fault = agreement ? 'an invalid group name' : 'a subprotocol that was not offered, or is not there'
    hub.engine.log({ level: 'error', event: 'connectAnswerInvalid', hub: hub.name, fault })
    return reject(500)
  }
  const { name: subprotocolName, subprotocol } = agreement
  const { connectionId } = question
  const context = {
    hub: hub.name,
    connectionId,
    userId: (answer.userId ?? claims.userId) || undefined,
    subprotocol: subprotocolName,
    state: answer.state || undefined,
    memo: answer.memo,
  }
  const connection = newConnection({ hub, subprotocol, roles: answer.roles ?? claims.roles, groups, context })
  return { ok: true, connection, subprotocolName }
}

/** A refusal with the status of a success, or of no answer at all, is a fault of the handler. */
function refusalStatus(hub: Hub, status: number): number {
  if (Number.isInteger(status) && status >= 400 && status <= 599) return status
  hub.engine.log({
    level: 'error',
    event: 'connectAnswerInvalid',
    hub: hub.name,
    fault: 'a refusal without its status',
  })
  return 500
}

/** A handler that fails refuses (spec 3.3); without one the token alone decides. */
async function connect(hub: Hub, question: ConnectRequest): Promise<ConnectAnswer> {
  const { settings, engine, name } = hub
  if (!settings.handler) return { accept: true }
  const finish = timeSystemEvent(hub, 'connect')
  let outcome: UpstreamOutcome = 'succeeded'
  try {
    return await settings.handler.connect(question)
  } catch (error) {
    outcome = 'failed'
    const { connectionId } = question
    const entry = { hub: name, connectionId, name: 'connect', error: describeError(error) }
    engine.log({ level: 'error', event: 'handlerFailed', ...entry })
    return { accept: false, status: 500 }
  } finally {
    finish(outcome)
  }
}

/** Secrets stay here: no handler sees the token or what a session could be taken over with (spec 10.2). */
const hiddenQuery = new Set(['access_token', 'awps_connection_id', 'awps_reconnection_token'])
const isHiddenHeader = (name: string) => name === 'authorization' || name.startsWith('x-asrs-')

function toConnectRequest(hub: Hub, claims: ClientClaims, { request, url, offers }: Client): ConnectRequest {
  const query = [...url.searchParams].filter(([name]) => !hiddenQuery.has(name.toLowerCase()))
  const headers = [...request.headers].filter(([name]) => !isHiddenHeader(name.toLowerCase()))
  return {
    hub: hub.name,
    connectionId: newConnectionId(),
    userId: claims.userId,
    claims: claims.all,
    query: toLists(query),
    headers: toLists(headers),
    subprotocols: offers,
  }
}

function toLists(entries: [string, string][]): Record<string, string[]> {
  const groups = Map.groupBy(entries, ([name]) => name)
  return Object.fromEntries([...groups].map(([name, values]) => [name, values.map(([, value]) => value)]))
}
