import type { ConnectionContext, EventAnswer, Payload } from '../chat/chat-events.ts'
import { connect, connected, disconnected } from '../chat/connect.ts'
import { handleEvent } from '../chat/handle-event.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseJson } from './parse-json.ts'
import { empty, failure, json } from './responses.ts'
import type { HttpBackend, Route } from './route.ts'
import { hasValidSignature } from './signature.ts'

/** Says which service may call here, and never more: what was asked is not echoed (webpubsub.md 10.4). */
export const validateWebhook: Route = async ({ webhook }, { request }) => {
  const asked = (request.headers.get('WebHook-Request-Origin') ?? '').split(',').map(hostOf)
  if (webhook === undefined || !asked.includes(hostOf(webhook.allowedOrigin))) {
    return failure('Unauthorized', 'this service may not call here')
  }
  return empty(200, { 'WebHook-Allowed-Origin': webhook.allowedOrigin })
}

/**
 * Takes the events of a service elsewhere, as CloudEvents (webpubsub.md 10). Everything is done when the answer goes
 * out; an outage is a 503, and the service tries again.
 */
export const receiveEvent: Route = async (backend, { request }) => {
  const { headers } = request
  const connectionId = headers.get('ce-connectionId')
  const keys = backend.webhook?.keys ?? []
  if (!connectionId || !(await hasValidSignature(headers.get('ce-signature'), { connectionId, keys }))) {
    return failure('Unauthorized', 'no valid ce-signature')
  }
  const hub = headers.get('ce-hub') ?? ''
  if (hub.toLowerCase() !== backend.hub.toLowerCase()) return failure('BadRequest', 'ce-hub: another hub')
  const type = headers.get('ce-type') ?? ''
  const context = readContext(headers, { hub, connectionId })
  const takeSystemEvent = systemEvents.get(type)
  if (takeSystemEvent !== undefined) return takeSystemEvent(backend, context)
  if (!type.startsWith(userEventPrefix)) return failure('BadRequest', 'ce-type: there is no such event')
  return receiveUserEvent(backend, { request, context, name: type.slice(userEventPrefix.length) })
}

const userEventPrefix = 'azure.webpubsub.user.'

type SystemEvent = (backend: HttpBackend, context: ConnectionContext) => Promise<Response>

const systemEvents = new Map<string, SystemEvent>([
  ['azure.webpubsub.sys.connect', answerConnect],
  ['azure.webpubsub.sys.connected', (backend, context) => connected(backend, context).then(noContent)],
  ['azure.webpubsub.sys.disconnected', (backend, context) => disconnected(backend, context).then(noContent)],
])

async function answerConnect(backend: HttpBackend, context: ConnectionContext): Promise<Response> {
  const answer = await connect(backend, context)
  if (!answer.accept) return failure('Unauthorized', 'sign in first')
  const { groups, roles, userId, state } = answer
  const response = json({ groups, roles, userId })
  if (state !== undefined) response.headers.set('ce-connectionState', encodeBase64(state))
  return response
}

interface Received {
  request: Request
  context: ConnectionContext
  name: string
}

async function receiveUserEvent(backend: HttpBackend, { request, context, name }: Received): Promise<Response> {
  const { reply } = await handleEvent(backend, context, { name, payload: await readBody(request) })
  return answerWith(reply)
}

function answerWith(reply: EventAnswer['reply']): Response {
  if (reply === undefined) return noContent()
  if (reply.dataType === 'json') return json(reply.data)
  const body = reply.dataType === 'text' ? reply.data : new Uint8Array(reply.data)
  return new Response(body, { headers: { 'Content-Type': contentTypes[reply.dataType] } })
}

const noContent = () => empty(204)

const contentTypes = {
  text: 'text/plain; charset=utf-8',
  binary: 'application/octet-stream',
  protobuf: 'application/x-protobuf',
}

async function readBody(request: Request): Promise<Payload> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return { dataType: 'json', data: parseJson(await request.text()) }
  if (type === 'text/plain') return { dataType: 'text', data: await request.text() }
  return { dataType: 'binary', data: new Uint8Array(await request.arrayBuffer()) }
}

function readContext(
  headers: Headers,
  { hub, connectionId }: { hub: string; connectionId: string },
): ConnectionContext {
  const state = headers.get('ce-connectionState')
  return {
    hub,
    connectionId,
    userId: headers.get('ce-userId') ?? undefined,
    subprotocol: headers.get('ce-subprotocol') ?? undefined,
    state: state === null ? undefined : decodeBase64(state),
  }
}

/** `Contoso.webpubsub.azure.com`, with or without a port or a scheme, comes to the same host. */
const hostOf = (origin: string) =>
  origin
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/(:\d+)?\/?$/, '')
