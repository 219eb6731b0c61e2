import { type Content, emptyText, jsonContent, type Metadata } from '../message.ts'
import { type Fields, type FrameKind, frameSchemas, type PayloadFields } from './json-frames.ts'
import { type Member, membersOf } from './json-source.ts'
import { type AckId, closeReasons, type Parsed, type UpstreamFrame } from './subprotocol.ts'

const invalid: Parsed = { ok: false, close: closeReasons.invalidJsonFrame }
const notText: Parsed = { ok: false, close: closeReasons.notText }
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads one frame. Binary is taken where it is JSON in UTF-8 (spec 15.3). Never throws. */
export function parse(data: string | Uint8Array): Parsed {
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
  const read = kinds.get(value.type) ?? kinds.get(value.type.toLowerCase())
  const frame = read?.({ text, value })
  return frame ? { ok: true, frame } : invalid
}

/** The frame as it was read, and the text it was read from. */
interface Source<Value = unknown> {
  text: string
  value: Value
}
type Reader<Kind extends FrameKind> = (source: Source<Fields<Kind>>) => UpstreamFrame | undefined
type Readers = { [Kind in FrameKind]: Reader<Kind> }

const readers: Readers = {
  joinGroup: (source) => readGroup('joinGroup', source),
  leaveGroup: (source) => readGroup('leaveGroup', source),
  sendToGroup: (source) => (source.value.stream ? readStreamStart(source.value) : readSend(source)),
  event: readEvent,
  ping: () => ({ type: 'ping' }),
  sequenceAck: ({ text, value }) => {
    const sequenceId = exact(text, 'sequenceId', value.sequenceId)
    return sequenceId === undefined ? undefined : { type: 'sequenceAck', sequenceId }
  },
  invoke: readInvoke,
  cancelInvocation: ({ value: { invocationId } }) => ({ type: 'cancelInvocation', invocationId }),
  streamData: readStreamData,
  streamEnd: ({ value: { streamId, error } }) => ({ type: 'streamEnd', streamId, error: error && present(error) }),
  setGroupState: readSetState,
  subscribeGroupState: (source) => readGroup('subscribeGroupState', source),
  unsubscribeGroupState: (source) => readGroup('unsubscribeGroupState', source),
}

/** By the `type` as everybody writes it, and in lower case for those who do not. */
const kinds = new Map(
  Object.keys(frameSchemas).flatMap((kind) => {
    const read = readerOf(kind as FrameKind) // a key of the table
    return [kind, kind.toLowerCase()].map((type) => [type, read] as const)
  }),
)

function readerOf(kind: FrameKind) {
  const schema = frameSchemas[kind]
  const read = readers[kind] as (source: Source) => UpstreamFrame | undefined // schema and reader share their key
  return ({ text, value }: Source) => {
    const fields = schema.safeParse(value)
    return fields.success ? read({ text, value: fields.data }) : undefined
  }
}

type GroupOperation = 'joinGroup' | 'leaveGroup' | 'subscribeGroupState' | 'unsubscribeGroupState'

function readGroup<Type extends GroupOperation>(type: Type, { text, value }: Source<Fields<'joinGroup'>>) {
  const ackId = readAckId(text, value.ackId)
  return ackId.ok ? { type, group: value.group, ackId: ackId.value } : undefined
}

function readSend({ text, value }: Source<Fields<'sendToGroup'>>): UpstreamFrame | undefined {
  const ackId = readAckId(text, value.ackId)
  const content = readContent(text, value)
  if (!ackId.ok || !content || hasTwin(text, value.metadata)) return undefined
  const { group, noEcho = false, metadata, ttlSeconds = 0 } = value
  return { type: 'sendToGroup', group, ackId: ackId.value, noEcho, content, metadata: orAbsent(metadata), ttlSeconds }
}

/** A stream begins without data and without an ackId: it is answered by a frame of its own (spec 5.6). */
function readStreamStart({ group, noEcho = false, stream, ...rest }: Fields<'sendToGroup'>): UpstreamFrame | undefined {
  if (!stream || rest.data !== undefined || rest.ackId !== undefined) return undefined
  const { streamId, idleTimeoutMs } = stream
  return { type: 'streamStart', group, noEcho, streamId, idleTimeoutMs }
}

function readStreamData({ text, value }: Source<Fields<'streamData'>>): UpstreamFrame | undefined {
  const { streamId, streamSequenceId, data, metadata } = value
  const isKeepAlive = streamSequenceId === undefined && data === undefined && metadata === undefined
  if (isKeepAlive) return { type: 'streamData', streamId, part: undefined }
  const content = readContent(text, value)
  if (streamSequenceId === undefined || !content) return undefined
  return { type: 'streamData', streamId, part: { streamSequenceId, content } }
}

function readEvent({ text, value }: Source<Fields<'event'>>): UpstreamFrame | undefined {
  const ackId = readAckId(text, value.ackId)
  const content = readContent(text, value)
  if (!ackId.ok || !content || hasTwin(text, value.metadata)) return undefined
  return { type: 'event', event: value.event, ackId: ackId.value, content, metadata: orAbsent(value.metadata) }
}

/** An invocation may come without any data (spec 5.5): it then asks with an empty text. */
function readInvoke({ text, value }: Source<Fields<'invoke'>>): UpstreamFrame | undefined {
  const { invocationId, event, dataType, data } = value
  const content = dataType === undefined && data === undefined ? emptyText : readContent(text, value)
  return content && { type: 'invoke', invocationId, event, content }
}

function readSetState({ text, value }: Source<Fields<'setGroupState'>>): UpstreamFrame | undefined {
  const ackId = readAckId(text, value.ackId)
  if (!ackId.ok) return undefined
  return { type: 'setGroupState', group: value.group, ackId: ackId.value, state: value.state ?? undefined }
}

/** Data may be missing only beside metadata; it is then an empty text, which every receiver can read. */
function readContent(text: string, { dataType = 'json', data, metadata }: PayloadFields): Content | undefined {
  if (data === undefined) return orAbsent(metadata) && emptyText
  if (dataType === 'json') return readJson(text, data)
  if (typeof data !== 'string') return undefined
  if (dataType === 'text') return { dataType, text: data }
  return isBase64(data) ? { dataType, bytes: Buffer.from(data, 'base64') } : undefined
}

function readJson(text: string, value: unknown): Content | undefined {
  const json = sourceOf(text, 'data')
  return json === undefined ? undefined : jsonContent(json, value)
}

const orAbsent = (metadata: Metadata | undefined) =>
  metadata && Object.keys(metadata).length > 0 ? metadata : undefined

const present = ({ message, userErrorCode }: { message?: string | undefined; userErrorCode?: string | undefined }) => ({
  ...(message !== undefined && { message }),
  ...(userErrorCode !== undefined && { userErrorCode }),
})

/** Strict: standard alphabet, padded. `Buffer` alone would skip what it does not know. */
const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

/** As `JSON.parse` has it, the last of twins counts. */
const memberOf = (text: string, key: string): Member | undefined =>
  membersOf(text).findLast((member) => member.key === key)

/** How the sender wrote a value. */
function sourceOf(text: string, key: string): string | undefined {
  const member = memberOf(text, key)
  return member && text.slice(member.start, member.end)
}

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
  const digits = sourceOf(text, key) ?? ''
  const big = /^\d+$/.test(digits) ? BigInt(digits) : BigInt(value)
  return big <= uint64Max ? big : undefined
}
