import { createHmac } from 'node:crypto'
import type { ConnectionContext, Payload } from '../ports.ts'
import { webhookFault } from './fault.ts'
import type { Memory } from './memory.ts'

/** Who a call is about; what `connect` does not know yet is absent. */
export type Subject = Pick<ConnectionContext, 'hub' | 'connectionId' | 'userId'> &
  Partial<Pick<ConnectionContext, 'subprotocol' | 'state'>>

/**
 * `ce-signature` (spec 10.1): one for each key, so that a handler may know either of them. Without a space between, as
 * Microsoft's validator does not trim. The connection id alone is signed.
 */
export const signatureOf = (keys: readonly string[], connectionId: string): string =>
  keys.map((key) => `sha256=${createHmac('sha256', key).update(connectionId).digest('hex')}`).join(',')

/** Who we are: our host without a port, and the keys that sign; none: unsigned. */
export interface Sender {
  origin: string
  keys: readonly string[]
}

/** The headers that all calls about a connection have in common, as names and values by turns. */
export function buildHead({ hub, connectionId, userId, subprotocol }: Subject, { origin, keys }: Sender): string[] {
  const lines = originHeaders(origin)
  lines.push('ce-specversion', '1.0', 'ce-source', `/hubs/${hub}/client/${connectionId}`)
  lines.push('ce-hub', hub, 'ce-connectionId', connectionId)
  if (userId) lines.push('ce-userId', toHeaderValue('ce-userId', userId))
  if (subprotocol) lines.push('ce-subprotocol', toHeaderValue('ce-subprotocol', subprotocol))
  if (keys.length > 0) lines.push('ce-signature', signatureOf(keys, connectionId))
  return lines
}

export const originHeaders = (origin: string) => ['WebHook-Request-Origin', origin, 'ce-awpsversion', '1.0']

/** The same, made once for each connection, and again when a key or what is known about the connection changed. */
export function keptHead(memory: Memory, context: ConnectionContext, sender: Sender): readonly string[] {
  const { head } = memory
  if (head && isAlike(head.context, context) && isSame(head.keys, sender.keys)) return head.lines
  const lines = buildHead(context, sender)
  memory.head = { context, keys: [...sender.keys], lines }
  return lines
}

const isAlike = (one: ConnectionContext, other: ConnectionContext) =>
  one === other || (one.userId === other.userId && one.subprotocol === other.subprotocol && one.hub === other.hub)

const isSame = (keys: readonly string[], others: readonly string[]) =>
  keys.length === others.length && keys.every((key, at) => key === others[at])

/** `2026-01-01T00:00:00Z`. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

export const jsonType = 'application/json; charset=utf-8'

const userEventTypes: Record<Payload['dataType'], string> = {
  text: 'text/plain; charset=utf-8',
  json: jsonType,
  binary: 'application/octet-stream',
  protobuf: 'application/x-protobuf',
}

/** The body of a user event: what the client sent, byte for byte. */
export function bodyOf(payload: Payload): { contentType: string; body: Uint8Array } {
  const contentType = userEventTypes[payload.dataType]
  if (payload.dataType === 'text') return { contentType, body: Buffer.from(payload.data) }
  if (payload.dataType !== 'json') return { contentType, body: payload.data }
  const json = payload.json ?? JSON.stringify(payload.data)
  // `stringify` is typed as if it always gave a string; for undefined and functions it gives undefined
  if (typeof json !== 'string') throw webhookFault('BadRequest', 'the payload is no JSON')
  return { contentType, body: Buffer.from(json) }
}

/** Header names are compared without case; of two that differ in nothing else the last one counts. */
export function metadataHeaders(metadata: Record<string, string> | undefined): string[] {
  if (!metadata) return []
  const entries = new Map(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]))
  return [...entries].flatMap(([key, value]) => {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key)) throw webhookFault('BadRequest', 'a metadata key fits in no header name')
    return [`${metadataPrefix}${key}`, toHeaderValue(`${metadataPrefix}${key}`, value)]
  })
}

export const metadataPrefix = 'x-webpubsub-metadata-'

/** UTF-8, as Azure sends user ids, one character for each byte. Throws for what would end the line. */
export function toHeaderValue(name: string, value: string): string {
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw webhookFault('BadRequest', `${name}: a control character`)
  return /^[\x20-\x7e\t]*$/.test(value) ? value : Buffer.from(value).toString('latin1')
}
