import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { Content, Message, Metadata, StreamError, StreamInfo } from '../message.ts'
import { isAny } from './protobuf-frames.ts'
import type { AckId, ConnectedDetails, ControlFrames, ProtocolError, SequencedFrame } from './subprotocol.ts'

/**
 * Where JSON goes in a `MessageData`: the schemas of the SDKs have a field of its own, Azure's pages say that it comes as
 * text (spec 15.4).
 */
export type JsonAs = 'json_data' | 'text_data'

/** Tags, written as they are on the wire: the number of the field times eight, plus the wire type. */
const varint = (field: number) => field * 8
const delimited = (field: number) => field * 8 + 2

const contentTags = { text_data: delimited(1), binary: delimited(2), protobuf: delimited(3), json_data: delimited(4) }
const dataMessage = delimited(2)
const sequenceId = varint(4)

/** One for all frames: a writer of its own for each would spend most of its time on growing. */
const shared = new BinaryWriter()

function emptyWriter(): BinaryWriter {
  shared.finish() // takes away what a frame that failed half-way left
  return shared
}

/** How messages are written for clients who want their JSON in that field. */
export function messageFormats(jsonAs: JsonAs) {
  return { formatMessage, formatSequenced }

  function formatMessage(message: Message) {
    const writer = emptyWriter().uint32(dataMessage).fork()
    writeHead(writer, message)
    writeTail(writer, message)
    return writer.join().finish()
  }

  /** Both sides of the sequence id are made once; for each number they are only copied. */
  function formatSequenced(message: Message): SequencedFrame {
    const writer = emptyWriter()
    writeHead(writer, message)
    const head = writer.finish()
    writeTail(writer, message)
    const tail = writer.finish()
    return { bytes: head.length + tail.length, withSequence: (sequenceId) => splice(head, tail, sequenceId) }
  }

  function writeHead(writer: BinaryWriter, message: Message): void {
    writer.uint32(delimited(1)).string(message.from)
    if (message.from === 'group') writer.uint32(delimited(2)).string(message.group)
    writer.uint32(delimited(3)).fork()
    writeContent(writer, message.content)
    writer.join()
  }

  function writeContent(writer: BinaryWriter, content: Content): void {
    if (content.dataType === 'text') writer.uint32(contentTags.text_data).string(content.text)
    else if (content.dataType === 'json') writer.uint32(contentTags[jsonAs]).string(content.json)
    else writer.uint32(contentTags[kindOf(content)]).bytes(content.bytes)
  }
}

/** JSON clients and the REST API may call any bytes an `Any`. Those that are none would spoil the frame around them. */
const kindOf = ({ dataType, bytes }: Extract<Content, { bytes: Uint8Array }>) =>
  dataType === 'protobuf' && !isAny(bytes) ? 'binary' : dataType

function writeTail(writer: BinaryWriter, { metadata, stream }: Message): void {
  if (metadata) writeMetadata(writer, metadata)
  if (stream) writeStream(writer, stream)
}

function writeMetadata(writer: BinaryWriter, metadata: Metadata): void {
  for (const [key, value] of Object.entries(metadata)) {
    writer.uint32(delimited(5)).fork()
    writer.uint32(delimited(1)).string(key).uint32(delimited(2)).string(value).join()
  }
}

function writeStream(writer: BinaryWriter, { streamId, streamSequenceId, endOfStream, error }: StreamInfo): void {
  writer.uint32(delimited(6)).fork()
  writeText(writer, 1, streamId)
  writeUint64(writer, 2, streamSequenceId)
  if (endOfStream) writer.uint32(varint(3)).bool(true)
  if (error) writeError(writer, 4, error)
  writer.join()
}

function writeError(writer: BinaryWriter, field: number, error: ProtocolError | StreamError): void {
  writer.uint32(delimited(field)).fork()
  writeText(writer, 1, error.name)
  writeText(writer, 2, error.message)
  if ('userErrorCode' in error && error.userErrorCode !== undefined) {
    writer.uint32(delimited(3)).string(error.userErrorCode)
  }
  writer.join()
}

/** Fields that are not `optional` are left out when they hold what proto3 reads where nothing is. */
function writeText(writer: BinaryWriter, field: number, text: string): void {
  if (text !== '') writer.uint32(delimited(field)).string(text)
}

function writeUint64(writer: BinaryWriter, field: number, value: AckId): void {
  if (value) writer.uint32(varint(field)).uint64(value)
}

/** Runs once for each member of a group: no writer, one allocation. */
function splice(head: Uint8Array, tail: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  const length = head.length + 1 + varintSize(number) + tail.length
  const frame = new Uint8Array(1 + varintSize(length) + length)
  frame[0] = dataMessage
  let at = putVarint(frame, 1, length)
  frame.set(head, at)
  at += head.length
  frame[at] = sequenceId
  at = putVarint(frame, at + 1, number)
  if (tail.length > 0) frame.set(tail, at)
  return frame
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Writes `value` at `at` and returns the position behind it. Exact up to 2^53. */
function putVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value
  let position = at
  while (rest > 0x7f) {
    target[position++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  target[position++] = rest
  return position
}

export const protobufControl: ControlFrames = {
  formatConnected: (details) => frame(3, (writer) => writeConnected(writer, details)),
  formatDisconnected: (message) => frame(3, (writer) => writeDisconnected(writer, message)),
  formatAck: (ackId, error) =>
    frame(1, (writer) => {
      writeUint64(writer, 1, ackId)
      if (error) writeError(writer, 3, error)
      else writer.uint32(varint(2)).bool(true)
    }),
  formatPong: () => frame(4, () => {}),
  formatStreamAck: (streamId, expectedSequenceId) =>
    frame(6, (writer) => {
      writeText(writer, 1, streamId)
      writeUint64(writer, 2, expectedSequenceId)
    }),
  formatStreamNack: (streamId, { name, message, expectedSequenceId }) =>
    frame(7, (writer) => {
      writeText(writer, 1, streamId)
      writeText(writer, 2, name)
      writeText(writer, 3, message)
      writeUint64(writer, 4, expectedSequenceId)
    }),
  formatStreamClosed: (streamId, error) =>
    frame(8, (writer) => {
      writeText(writer, 1, streamId)
      if (error) writeError(writer, 2, error)
    }),
}

function frame(field: number, write: (writer: BinaryWriter) => void): Uint8Array<ArrayBuffer> {
  const writer = emptyWriter().uint32(delimited(field)).fork()
  write(writer)
  return writer.join().finish()
}

function writeConnected(writer: BinaryWriter, details: ConnectedDetails): void {
  const { connectionId, userId = '', reconnectionToken = '' } = details
  writer.uint32(delimited(1)).fork()
  writeText(writer, 1, connectionId)
  writeText(writer, 2, userId)
  writeText(writer, 3, reconnectionToken)
  writer.join()
}

function writeDisconnected(writer: BinaryWriter, reason: string): void {
  writer.uint32(delimited(2)).fork()
  writeText(writer, 2, reason)
  writer.join()
}
