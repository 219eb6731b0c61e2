import { type Admission } from './connection.ts'
import { openHub } from './hub.ts'
import { describeError } from './log.ts'
import type { Engine, Hub } from './model.ts'
import { isGroupName, isHubName, newConnectionId } from './names.ts'
import type { ConnectAnswer, ConnectRequest } from './ports.ts'
import { negotiate, parseOffers } from './subprotocols/negotiate.ts'
import { type ClientClaims, decodeSegment, type Tokens } from './tokens.ts'

/** An HTTP answer instead of the upgrade. */
export interface Rejection {
  status: number
  text: string
}

/** `subprotocolName`: what is echoed to the client, if anything. */
export type Handshake =
  | { ok: true; admission: Admission; subprotocolName: string | undefined }
  | { ok: false; rejection: Rejection }

/** Whether a URL belongs to clients; both forms of spec 1.1. */
export const isClientPath = ({ pathname }: { pathname: string }): boolean =>
  pathname === '/client' || pathname === '/client/' || pathname.startsWith('/client/hubs/')

/**
 * Decides about a client that wants to connect, in the order of spec 3.1; the backend's `connect` is waited for.
 * Nothing of the connection exists yet when it returns.
 */
export async function shakeHands(engine: Engine, tokens: Tokens, request: Request): Promise<Handshake> {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return reject(400, 'A WebSocket upgrade is needed.')
  const url = new URL(request.url)
  const hubName = hubNameIn(url)
  if (hubName === undefined || !isHubName(hubName)) return reject(400, 'Invalid hub name.')
  const token = tokenIn(request, url)
  const claims = token === undefined ? undefined : await tokens.verify(token, hubName)
  if (!claims) return reject(401)
  if (!claims.groups.every(isGroupName)) return reject(400, 'The token contains an invalid group name.')
  return askBackend(openHub(engine, hubName), claims, { request, url })
}

const reject = (status: number, text = ''): Handshake => ({ ok: false, rejection: { status, text } })

function hubNameIn({ pathname, searchParams }: URL): string | undefined {
  if (pathname === '/client' || pathname === '/client/') return queryValue(searchParams, 'hub')
  return decodeSegment(pathname.slice('/client/hubs/'.length))
}

function tokenIn(request: Request, { searchParams }: URL): string | undefined {
  const [, bearer] = /^Bearer +(.+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return bearer ?? queryValue(searchParams, 'access_token')
}

/** Names of query parameters count without case (spec 1.1). */
function queryValue(query: URLSearchParams, name: string): string | undefined {
  return [...query].find(([key]) => key.toLowerCase() === name)?.[1]
}

interface ClientRequest {
  request: Request
  url: URL
}

async function askBackend(hub: Hub, claims: ClientClaims, client: ClientRequest): Promise<Handshake> {
  const question = toConnectRequest(hub, claims, client)
  const answer = await connect(hub, question)
  if (!answer.accept) return reject(answer.status)
  const agreement = negotiate(question.subprotocols, answer.subprotocol)
  const groups = answer.groups?.length ? answer.groups : claims.groups
  if (!agreement || !groups.every(isGroupName)) {
    const fault = agreement ? 'an invalid group name' : 'a subprotocol that was not offered, or is not there'
    hub.engine.log({ level: 'error', event: 'connectAnswerInvalid', hub: hub.name, fault })
    return reject(500)
  }
  const { name: subprotocolName, subprotocol } = agreement
  const context = {
    hub: hub.name,
    connectionId: question.connectionId,
    userId: (answer.userId ?? claims.userId) || undefined,
    subprotocol: subprotocolName,
    state: answer.state || undefined,
  }
  const admission = { hub, subprotocol, roles: answer.roles ?? claims.roles, groups, context }
  return { ok: true, admission, subprotocolName }
}

/** A handler that fails refuses (spec 3.3); without one the token alone decides. */
async function connect(hub: Hub, question: ConnectRequest): Promise<ConnectAnswer> {
  if (!hub.handler) return { accept: true }
  try {
    return await hub.handler.connect(question)
  } catch (error) {
    const { connectionId } = question
    const entry = { hub: hub.name, connectionId, name: 'connect', error: describeError(error) }
    hub.engine.log({ level: 'error', event: 'handlerFailed', ...entry })
    return { accept: false, status: 500 }
  }
}

/** Secrets stay here: no handler sees the token or what a session could be taken over with (spec 10.2). */
const hiddenQuery = new Set(['access_token', 'awps_connection_id', 'awps_reconnection_token'])
const isHiddenHeader = (name: string) => name === 'authorization' || name.startsWith('x-asrs-')

function toConnectRequest(hub: Hub, claims: ClientClaims, { request, url }: ClientRequest): ConnectRequest {
  const query = [...url.searchParams].filter(([name]) => !hiddenQuery.has(name.toLowerCase()))
  const headers = [...request.headers].filter(([name]) => !isHiddenHeader(name.toLowerCase()))
  return {
    hub: hub.name,
    connectionId: newConnectionId(),
    userId: claims.userId,
    claims: claims.all,
    query: toLists(query),
    headers: toLists(headers),
    subprotocols: parseOffers(request.headers.get('sec-websocket-protocol')),
  }
}

function toLists(entries: [string, string][]): Record<string, string[]> {
  const groups = Map.groupBy(entries, ([name]) => name)
  return Object.fromEntries([...groups].map(([name, values]) => [name, values.map(([, value]) => value)]))
}
