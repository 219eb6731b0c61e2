import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { wireLimits } from '../limits.ts'
import { bool, bytes, type Kind, message, type OneOf, oneof, readWhole, text, uint64 } from './protobuf-wire.ts'
import type { AckId } from './subprotocol.ts'

/** The upstream half of `webpubsub.proto`: what each message holds, under the field numbers of spec 7. */
export interface UpstreamMessages {
  sendToGroup: Partial<SendToGroup>
  event: Partial<Event>
  joinGroup: Partial<Membership>
  leaveGroup: Partial<Membership>
  sequenceAck: { sequenceId?: AckId }
  ping: object
  streamData: Partial<StreamData>
  streamEnd: Partial<StreamEnd>
}

interface Membership {
  group: string
  ackId: AckId
}

export interface SendToGroup extends Membership {
  data: MessageData
  noEcho: boolean
  ttlSeconds: AckId
  metadata: MetadataEntries
  stream: StreamStart
}

interface StreamStart {
  streamId?: string
  idleTimeoutMs?: AckId
}

export interface Event {
  event: string
  data: MessageData
  ackId: AckId
  metadata: MetadataEntries
  /** Read, so that what is taken is well-formed, and ignored: nobody published what it does. */
  stream: StreamStart
}

export interface StreamData {
  streamId: string
  streamSequenceId: AckId
  data: MessageData
}

export interface StreamEnd {
  streamId: string
  error: { message?: string; userErrorCode?: string }
}

/** In the order of the wire, twins included. */
export type MetadataEntries = [key: string, value: string][]

/** `undefined`: there is a `MessageData`, and nothing in it. */
export type MessageData =
  | OneOf<{ text: string; binary: Uint8Array; protobuf: Uint8Array | BinaryWriter; json: string }>
  | undefined

const any = message<{ typeUrl: string; value: Uint8Array }>({ typeUrl: [1, text], value: [2, bytes] })

/** Whether these bytes are a serialised `google.protobuf.Any`, so that every protobuf library reads a frame with them. */
export function isAny(serialised: Uint8Array): boolean {
  try {
    readWhole(serialised, any)
    return true
  } catch {
    // nothing else throws in there: the bytes are not well-formed
    return false
  }
}

/** The bytes as they came. Merged is the same as joined, so a value that comes in pieces is collected in a writer. */
const anyData: Kind<Uint8Array | BinaryWriter> = {
  wireType: WireType.LengthDelimited,
  read(reader, before) {
    const piece = reader.bytes()
    if (!isAny(piece)) throw new Error('protobuf_data is no Any')
    if (!before) return piece
    return (before instanceof BinaryWriter ? before : new BinaryWriter().raw(before)).raw(piece)
  },
}

const messageData = oneof({
  text: [1, text],
  binary: [2, bytes],
  protobuf: [3, anyData],
  json: [4, text],
}) satisfies Kind<MessageData>

const entry = message<{ key: string; value: string }>({ key: [1, text], value: [2, text] })

const metadata: Kind<MetadataEntries> = {
  wireType: WireType.LengthDelimited,
  read(reader, entries = []) {
    const { key = '', value = '' } = entry.read(reader, undefined)
    // no key is empty, so this many are too many bytes already
    if (entries.length === wireLimits.metadataMaxBytes) throw new Error('too much metadata')
    entries.push([key, value])
    return entries
  },
}

const streamStart = message<Required<StreamStart>>({ streamId: [1, text], idleTimeoutMs: [2, uint64] })

const membership = message<Membership>({ group: [1, text], ackId: [2, uint64] })

/** Every frame that a protobuf client may send. */
export const upstreamMessage = oneof<UpstreamMessages>({
  sendToGroup: [
    1,
    message<SendToGroup>({
      group: [1, text],
      ackId: [2, uint64],
      data: [3, messageData],
      noEcho: [4, bool],
      ttlSeconds: [5, uint64],
      metadata: [6, metadata],
      stream: [7, streamStart],
    }),
  ],
  event: [
    5,
    message<Event>({
      event: [1, text],
      data: [2, messageData],
      ackId: [3, uint64],
      metadata: [4, metadata],
      stream: [5, streamStart],
    }),
  ],
  joinGroup: [6, membership],
  leaveGroup: [7, membership],
  sequenceAck: [8, message({ sequenceId: [1, uint64] })],
  ping: [9, message({})],
  streamData: [13, message<StreamData>({ streamId: [1, text], streamSequenceId: [2, uint64], data: [3, messageData] })],
  streamEnd: [
    14,
    message<StreamEnd>({ streamId: [1, text], error: [2, message({ message: [1, text], userErrorCode: [2, text] })] }),
  ],
})
