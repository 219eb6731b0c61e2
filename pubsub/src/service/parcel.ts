import { wireLimits } from '../limits.ts'
import { type Content, contentOf, type Metadata, sizeOf } from '../message.ts'
import { isMetadata } from '../metadata.ts'
import type { Hub } from '../model.ts'
import { badRequest, invalid, type Outcome, type Refusal } from './refusals.ts'

export interface SendOptions {
  /** Default: bytes go as they are, everything else as JSON. `application/x-protobuf`: a serialised `Any`. */
  contentType?: 'text/plain' | 'application/json' | 'application/octet-stream' | 'application/x-protobuf'
  /** 0–300; who is away longer than that does not get the message. 0 or absent: no limit. */
  messageTtlSeconds?: number
  /** Travels beside the message to clients of a subprotocol. */
  metadata?: Metadata
}

export interface FilterOptions {
  /** OData (spec 9.5); the empty one means all. */
  filter?: string
}

export interface FanOutOptions extends SendOptions, FilterOptions {
  /** Connection ids; unknown ones are ignored. */
  excludedConnections?: string[]
}

/** What is to be sent. */
export interface Parcel {
  content: Content
  metadata?: Metadata | undefined
  ttlSeconds?: number | undefined
}

/** The message that the official client would send; refused is what REST refuses. */
export function pack(message: unknown, options: SendOptions): Outcome<Parcel> {
  const content = toContent(message, options.contentType)
  if (content.refusal) return content
  return { value: { content: content.value, metadata: options.metadata, ttlSeconds: options.messageTtlSeconds } }
}

type ContentType = NonNullable<SendOptions['contentType']>

const readers: Record<ContentType, (message: unknown) => Outcome<Content>> = {
  'text/plain': (message) =>
    typeof message === 'string' ? { value: { dataType: 'text', text: message } } : refuse('The message is not text.'),
  'application/octet-stream': (message) => toBinary(message, 'binary'),
  'application/x-protobuf': (message) => toBinary(message, 'protobuf'),
  'application/json': (message) => {
    const content = contentOf({ dataType: 'json', data: message })
    return content ? { value: content } : refuse('The message is null, or not JSON.')
  },
}

const refuse = (message: string) => ({ refusal: badRequest(message) })

const toContent = (message: unknown, contentType?: ContentType) =>
  readers[contentType ?? (bytesOf(message) ? 'application/octet-stream' : 'application/json')](message)

function toBinary(message: unknown, dataType: 'binary' | 'protobuf'): Outcome<Content> {
  const bytes = bytesOf(message)
  return bytes ? { value: { dataType, bytes } } : refuse('The message is not binary.')
}

function bytesOf(message: unknown): Uint8Array | undefined {
  if (message instanceof ArrayBuffer) return new Uint8Array(message)
  if (!ArrayBuffer.isView(message)) return undefined
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
}

/** What no message may be, whichever way it came. */
export function refuseParcel(hub: Hub, { content, metadata, ttlSeconds }: Parcel): Refusal | undefined {
  if (sizeOf(content) > hub.engine.limits.messageMaxBytes) return tooLarge
  return refuseTtl(ttlSeconds) ?? refuseMetadata(metadata)
}

export const tooLarge = badRequest('The message is too large.')

export function refuseTtl(seconds = 0): Refusal | undefined {
  const { ttlMaxSeconds } = wireLimits
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= ttlMaxSeconds) return undefined
  return invalid('messageTtlSeconds', `The field messageTtlSeconds must be between 0 and ${ttlMaxSeconds}.`)
}

function refuseMetadata(metadata: Metadata | undefined): Refusal | undefined {
  return metadata && !isMetadata(Object.entries(metadata)) ? badMetadata : undefined
}

const { metadataKeyMaxLength, metadataValueMaxLength, metadataMaxBytes } = wireLimits
const badMetadata = badRequest(
  `Invalid metadata. A key is a token of at most ${metadataKeyMaxLength} characters, ` +
    `a value has at most ${metadataValueMaxLength}, all together at most ${metadataMaxBytes} bytes.`,
)
