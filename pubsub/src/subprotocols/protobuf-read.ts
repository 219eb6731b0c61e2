import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { wireLimits } from '../limits.ts'
import { type Content, emptyText, jsonContent } from '../message.ts'
import { isMetadata } from '../metadata.ts'
import { isEventName, isGroupName } from '../names.ts'
import {
  type Event,
  type MessageData,
  type MetadataEntries,
  type SendToGroup,
  type StreamData,
  type UpstreamMessages,
  upstreamMessage,
} from './protobuf-frames.ts'
import { readWhole } from './protobuf-wire.ts'
import { type AckId, closeReasons, type Parsed, type UpstreamFrame } from './subprotocol.ts'

const invalid: Parsed = { ok: false, close: closeReasons.invalidProtobufFrame }
const notBinary: Parsed = { ok: false, close: closeReasons.notBinary }

/**
 * Reads one `UpstreamMessage`. Contents may be views into `data`. Never throws, and takes time and memory in proportion
 * to the length of the frame.
 */
export function parse(data: string | Uint8Array): Parsed {
  if (typeof data === 'string') return notBinary
  try {
    const frame = toFrame(readWhole(data, upstreamMessage))
    return frame ? { ok: true, frame } : invalid
  } catch {
    // only the reader and `JSON.parse` throw, and both mean the same: this is no frame
    return invalid
  }
}

/** What each message means; `undefined` where it breaks a rule of the protocol. */
type Readers = { [Name in keyof UpstreamMessages]: (fields: UpstreamMessages[Name]) => UpstreamFrame | undefined }

const readers: Readers = {
  sendToGroup: (fields) => (fields.stream ? readStreamStart(fields) : readSend(fields)),
  event: readEvent,
  joinGroup: (fields) => readMembership('joinGroup', fields),
  leaveGroup: (fields) => readMembership('leaveGroup', fields),
  sequenceAck: ({ sequenceId = 0 }) => ({ type: 'sequenceAck', sequenceId }),
  ping: () => ({ type: 'ping' }),
  streamData: readStreamData,
  streamEnd: ({ streamId, error }) =>
    isStreamId(streamId) && isStreamError(error) ? { type: 'streamEnd', streamId, error } : undefined,
}

function toFrame(upstream: ReturnType<typeof upstreamMessage.read>): UpstreamFrame | undefined {
  if (!upstream) return undefined
  const read: (fields: object) => UpstreamFrame | undefined = readers[upstream.name]
  return read(upstream.value)
}

function readMembership(type: 'joinGroup' | 'leaveGroup', { group = '', ackId }: UpstreamMessages['joinGroup']) {
  return isGroupName(group) ? { type, group, ackId } : undefined
}

function readSend(fields: Partial<SendToGroup>): UpstreamFrame | undefined {
  const { group = '', ackId, data, noEcho = false, ttlSeconds = 0, metadata = [] } = fields
  if (!isGroupName(group) || !isWithin(ttlSeconds, 0, wireLimits.ttlMaxSeconds)) return undefined
  if (!isMetadata(metadata)) return undefined
  const content = readContent(data, metadata)
  return content && { type: 'sendToGroup', group, ackId, noEcho, content, metadata: toRecord(metadata), ttlSeconds }
}

/** A stream begins without data and without an ack id: it is answered by a frame of its own (spec 5.6). */
function readStreamStart(fields: Partial<SendToGroup>): UpstreamFrame | undefined {
  const { group = '', ackId, data, noEcho = false, stream = {} } = fields
  const { streamId, idleTimeoutMs } = stream
  if (!isGroupName(group) || !isStreamId(streamId) || data || ackId !== undefined) return undefined
  if (idleTimeoutMs === undefined) return { type: 'streamStart', group, noEcho, streamId, idleTimeoutMs }
  if (!isWithin(idleTimeoutMs, 1, wireLimits.streamIdleTimeoutMaxMs)) return undefined
  return { type: 'streamStart', group, noEcho, streamId, idleTimeoutMs }
}

function readStreamData({ streamId, streamSequenceId, data }: Partial<StreamData>): UpstreamFrame | undefined {
  if (!isStreamId(streamId)) return undefined
  if (streamSequenceId === undefined && !data) return { type: 'streamData', streamId, part: undefined }
  const content = readContent(data, [])
  if (!content || typeof streamSequenceId !== 'number') return undefined
  return { type: 'streamData', streamId, part: { streamSequenceId, content } }
}

function readEvent({ event = '', ackId, data, metadata = [] }: Partial<Event>): UpstreamFrame | undefined {
  if (!isEventName(event) || !isMetadata(metadata)) return undefined
  const content = readContent(data, metadata)
  return content && { type: 'event', event, ackId, content, metadata: toRecord(metadata) }
}

const isStreamError = ({ message = '', userErrorCode = '' }: { message?: string; userErrorCode?: string } = {}) =>
  Math.max(message.length, userErrorCode.length) <= wireLimits.streamErrorMaxLength

const isStreamId = (streamId: string | undefined): streamId is string =>
  streamId !== undefined && streamId.length > 0 && streamId.length <= wireLimits.streamIdMaxLength

const isWithin = (value: AckId, least: number, most: number): value is number => value >= least && value <= most

/** Own properties, whatever their names. */
const toRecord = (entries: MetadataEntries) => (entries.length > 0 ? Object.fromEntries(entries) : undefined)

/** Data may be missing only beside metadata; it is then an empty text, which every receiver can read. */
function readContent(data: MessageData, metadata: MetadataEntries): Content | undefined {
  if (!data) return metadata.length > 0 ? emptyText : undefined
  if (data.name === 'text') return { dataType: 'text', text: data.value }
  if (data.name === 'json') return readJson(data.value)
  const { name, value } = data
  return { dataType: name, bytes: value instanceof BinaryWriter ? value.finish() : value }
}

function readJson(json: string): Content | undefined {
  return jsonContent(json, JSON.parse(json))
}
