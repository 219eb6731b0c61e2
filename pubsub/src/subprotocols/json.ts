import type { Content, Message, Metadata } from '../message.ts'
import type { Payload } from '../ports.ts'
import { type Fields, type FrameKind, frameSchemas, type PayloadFields } from './json-frames.ts'
import { type Member, membersOf } from './json-source.ts'
import type { AckError, AckId, Parsed, Subprotocol, UpstreamFrame } from './subprotocol.ts'
import { closeReasons } from './subprotocol.ts'

/** `json.webpubsub.azure.v1` (spec 5). */
export const json: Subprotocol = {
  encoding: { name: 'json', formatMessage },
  control: { formatConnected, formatDisconnected, formatAck, formatPong: () => '{"type":"pong"}' },
  parse,
}

const invalid: Parsed = { ok: false, close: closeReasons.invalidJsonFrame }
const notText: Parsed = { ok: false, close: closeReasons.notText }
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads one frame. Binary is taken where it is JSON in UTF-8 (spec 15.3). Never throws. */
function parse(data: string | Uint8Array): Parsed {
  const isText = typeof data === 'string'
  try {
    const text = isText ? data : utf8.decode(data)
    return readFrame(text, JSON.parse(text))
  } catch {
    // only the decoder and `JSON.parse` throw, and both mean the same: this is not JSON
    return isText ? invalid : notText
  }
}

function readFrame(text: string, value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || !('type' in value)) return invalid
  if (typeof value.type !== 'string') return invalid
  const kind = value.type.toLowerCase()
  if (!isKind(kind)) return invalid
  const frame = readKind(kind, { text, value })
  return frame ? { ok: true, frame } : invalid
}

const isKind = (kind: string): kind is FrameKind => Object.hasOwn(frameSchemas, kind)

/** The frame as it was read, and the text it was read from. */
interface Source<Value = unknown> {
  text: string
  value: Value
}
type Readers = { [Kind in FrameKind]: (source: Source<Fields<Kind>>) => UpstreamFrame | undefined }

const readers: Readers = {
  joingroup: (source) => readMembership('joinGroup', source),
  leavegroup: (source) => readMembership('leaveGroup', source),
  sendtogroup: readSend,
  event: readEvent,
  ping: () => ({ type: 'ping' }),
  sequenceack: ({ text, value }) => {
    const sequenceId = exact(text, 'sequenceId', value.sequenceId)
    return sequenceId === undefined ? undefined : { type: 'sequenceAck', sequenceId }
  },
}

function readKind(kind: FrameKind, { text, value }: Source): UpstreamFrame | undefined {
  const fields = frameSchemas[kind].safeParse(value)
  if (!fields.success) return undefined
  const read = readers[kind] as (source: Source) => UpstreamFrame | undefined // schema and reader share their key
  return read({ text, value: fields.data })
}

function readMembership(type: 'joinGroup' | 'leaveGroup', { text, value }: Source<Fields<'joingroup'>>) {
  const ackId = readAckId(text, value.ackId)
  return ackId.ok ? { type, group: value.group, ackId: ackId.value } : undefined
}

function readSend({ text, value }: Source<Fields<'sendtogroup'>>): UpstreamFrame | undefined {
  const ackId = readAckId(text, value.ackId)
  const content = readContent(text, value)
  if (!ackId.ok || !content || hasTwin(text, value.metadata)) return undefined
  const { group, noEcho = false, metadata } = value
  return { type: 'sendToGroup', group, ackId: ackId.value, noEcho, content, metadata: orAbsent(metadata) }
}

function readEvent({ text, value }: Source<Fields<'event'>>): UpstreamFrame | undefined {
  const ackId = readAckId(text, value.ackId)
  const payload = readPayload(value)
  if (!ackId.ok || !payload || hasTwin(text, value.metadata)) return undefined
  const known = payload.dataType === 'protobuf' ? undefined : payload
  return { type: 'event', event: value.event, ackId: ackId.value, payload: known }
}

type AnyPayload = Payload | { dataType: 'protobuf'; data: Uint8Array }

/** Data may be missing only beside metadata; it is then an empty text, which every receiver can read. */
function readPayload({ dataType = 'json', data, metadata }: PayloadFields): AnyPayload | undefined {
  if (data === undefined) return orAbsent(metadata) ? { dataType: 'text', data: '' } : undefined
  if (dataType === 'json') return data === null ? undefined : { dataType, data }
  if (typeof data !== 'string') return undefined
  if (dataType === 'text') return { dataType, data }
  return isBase64(data) ? { dataType, data: Buffer.from(data, 'base64') } : undefined
}

const orAbsent = (metadata: Metadata | undefined) =>
  metadata && Object.keys(metadata).length > 0 ? metadata : undefined

/** Strict: standard alphabet, padded. `Buffer` alone would skip what it does not know. */
const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

function readContent(text: string, fields: PayloadFields): Content | undefined {
  const payload = readPayload(fields)
  if (!payload) return undefined
  if (payload.dataType === 'text') return { dataType: 'text', text: payload.data }
  if (payload.dataType !== 'json') return { dataType: payload.dataType, bytes: payload.data }
  const source = memberOf(text, 'data')
  return source && { dataType: 'json', json: text.slice(source.start, source.end) }
}

/** As `JSON.parse` has it, the last of twins counts. */
const memberOf = (text: string, key: string): Member | undefined =>
  membersOf(text).findLast((member) => member.key === key)

/** A key of `metadata` that came twice: `JSON.parse` hides it, the protocol forbids it. */
function hasTwin(text: string, metadata: Metadata | undefined): boolean {
  const source = metadata && memberOf(text, 'metadata')
  if (!source) return false
  const keys = membersOf(text, source.start).map(({ key }) => key)
  return new Set(keys).size < keys.length
}

type ReadId = { ok: true; value: AckId | undefined } | { ok: false }

function readAckId(text: string, ackId: number | undefined): ReadId {
  if (ackId === undefined) return { ok: true, value: undefined }
  const value = exact(text, 'ackId', ackId)
  return value === undefined ? { ok: false } : { ok: true, value }
}

const uint64Max = 18_446_744_073_709_551_615n

/** The number without loss: beyond 2^53 its digits are read from the text. `undefined` above 64 bits. */
function exact(text: string, key: string, value: number): AckId | undefined {
  if (value <= Number.MAX_SAFE_INTEGER) return value
  const member = memberOf(text, key)
  const digits = member ? text.slice(member.start, member.end) : ''
  const big = /^\d+$/.test(digits) ? BigInt(digits) : BigInt(value)
  return big <= uint64Max ? big : undefined
}

/** The order of the properties is the contract (spec 5.3): live suites compare whole strings. */
function formatMessage(message: Message): string {
  if (message.from === 'server') return `{"type":"message","from":"server",${formatContent(message.content)}}`
  const { group, fromUserId, content, metadata } = message
  const sender = fromUserId === undefined ? '' : `"fromUserId":${JSON.stringify(fromUserId)},`
  const extra = metadata === undefined ? '' : `,"metadata":${JSON.stringify(metadata)}`
  return `{"type":"message","from":"group","group":${JSON.stringify(group)},${sender}${formatContent(content)}${extra}}`
}

function formatContent(content: Content): string {
  if (content.dataType === 'json') return `"dataType":"json","data":${content.json}`
  if (content.dataType === 'text') return `"dataType":"text","data":${JSON.stringify(content.text)}`
  return `"dataType":"${content.dataType}","data":"${Buffer.from(content.bytes).toString('base64')}"`
}

function formatConnected({ connectionId, userId }: { connectionId: string; userId: string | undefined }): string {
  return JSON.stringify({ type: 'system', event: 'connected', userId: userId ?? null, connectionId })
}

function formatDisconnected(message: string): string {
  return JSON.stringify({ type: 'system', event: 'disconnected', message })
}

function formatAck(ackId: AckId, error?: AckError): string {
  if (!error) return `{"type":"ack","ackId":${ackId},"success":true}`
  const { name, message } = error
  return `{"type":"ack","ackId":${ackId},"success":false,"error":${JSON.stringify({ name, message })}}`
}
