import { type Content, contentOf, sizeOf } from './message.ts'
import { wireLimits } from './limits.ts'
import type { Hub } from './model.ts'
import { badRequest } from './service-error.ts'

export interface SendOptions {
  /** Default: bytes go as they are, everything else as JSON. */
  contentType?: 'text/plain' | 'application/json' | 'application/octet-stream'
  /** 0–300. Connections here take a message at once or are gone, so there is nothing to wait for. */
  messageTtlSeconds?: number
}
export interface FanOutOptions extends SendOptions {
  /** Connection ids; unknown ones are ignored. */
  excludedConnections?: string[]
  /** Only the empty filter is known yet. */
  filter?: string
}

/** The content that the official client would send for `message`; throws a 400 for what REST refuses. */
export function readContent(hub: Hub, message: unknown, options: FanOutOptions = {}): Content {
  requireNoFilter(options.filter)
  requireTtl(options.messageTtlSeconds)
  const content = toContent(message, options.contentType)
  if (sizeOf(content) > hub.engine.limits.messageMaxBytes) throw badRequest('The message is too large.')
  return content
}

function toContent(message: unknown, contentType: SendOptions['contentType']): Content {
  if (contentType === 'text/plain') return { dataType: 'text', text: requireText(message) }
  const bytes = contentType === 'application/json' ? undefined : toBytes(message)
  if (bytes) return { dataType: 'binary', bytes }
  if (contentType === 'application/octet-stream') throw badRequest('The message is not binary.')
  const content = contentOf({ dataType: 'json', data: message })
  if (!content) throw badRequest('The message is null, or not JSON.')
  return content
}

function requireText(message: unknown): string {
  if (typeof message === 'string') return message
  throw badRequest('The message is not text.')
}

function toBytes(message: unknown): Uint8Array | undefined {
  if (message instanceof ArrayBuffer) return new Uint8Array(message)
  if (!ArrayBuffer.isView(message)) return undefined
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
}

export function requireNoFilter(filter: string | undefined): void {
  if (filter !== undefined && filter !== '') throw badRequest('Filters are not supported: only the empty one is.')
}

function requireTtl(seconds: number | undefined): void {
  if (seconds === undefined) return
  const isValid = Number.isInteger(seconds) && seconds >= 0 && seconds <= wireLimits.ttlMaxSeconds
  if (!isValid) throw badRequest('messageTtlSeconds is a whole number from 0 to 300.')
}
