import { wireLimits } from './limits.ts'
import type { Payload } from './ports.ts'
import { isNestedDeeper } from './subprotocols/json-source.ts'

/** What travels, as near to the wire as can be: JSON stays the very text that its sender wrote. */
export type Content =
  /** `value`: what `json` says, where somebody parsed it already. */
  | { dataType: 'json'; json: string; value?: unknown }
  | { dataType: 'text'; text: string }
  | { dataType: 'binary' | 'protobuf'; bytes: Uint8Array }

export type Metadata = Record<string, string>

/** Which part of a stream a message is (spec 5.6). */
export interface StreamInfo {
  streamId: string
  streamSequenceId: number
  endOfStream?: true
  error?: StreamError
}

export interface StreamError {
  name: 'IdleTimeout' | 'InternalServerError' | 'Forbidden' | 'Cancelled' | 'UserError'
  message: string
  userErrorCode?: string
}

interface Envelope {
  content: Content
  metadata?: Metadata | undefined
  stream?: StreamInfo | undefined
}

/** `group`: published to a group, by a client (then with his user id) or by the backend. `server`: everything else. */
export type Message = Envelope &
  ({ from: 'group'; group: string; fromUserId?: string | undefined } | { from: 'server' })

/** `json` must say `value`. `undefined` for null (spec 13, row 31), and for what is nested too deep to be handled. */
export const jsonContent = (json: string, value: unknown): Content | undefined =>
  value === null || isNestedDeeper(json, wireLimits.jsonDepthMax) ? undefined : { dataType: 'json', json, value }

/** For what has no content of its own, as every receiver can read it. */
export const emptyText: Content = { dataType: 'text', text: '' }

/** `undefined` where JSON has no word for the value, or the word is null: neither may be sent (spec 13, row 31). */
export function contentOf(payload: Payload): Content | undefined {
  if (payload.dataType === 'text') return { dataType: 'text', text: payload.data }
  if (payload.dataType !== 'json') return { dataType: payload.dataType, bytes: payload.data }
  // `stringify` is typed as if it always gave a string; for undefined and functions it gives undefined
  const json: string | undefined = payload.json ?? JSON.stringify(payload.data)
  return json === undefined || json.trim() === 'null' ? undefined : { dataType: 'json', json }
}

/** The same as handlers take it. */
export function payloadOf(content: Content): Payload {
  if (content.dataType === 'text') return { dataType: 'text', data: content.text }
  if (content.dataType !== 'json') return { dataType: content.dataType, data: content.bytes }
  const { json } = content
  return { dataType: 'json', json, data: content.value === undefined ? JSON.parse(json) : content.value }
}

/** An answer without a body sends nothing (spec 10.3). */
export const isEmpty = (content: Content) =>
  (content.dataType === 'text' && content.text === '') ||
  (content.dataType === 'binary' && content.bytes.byteLength === 0)

/** Bytes of the content alone, without the frame around it. */
export function sizeOf(content: Content): number {
  if (content.dataType === 'json') return Buffer.byteLength(content.json)
  return content.dataType === 'text' ? Buffer.byteLength(content.text) : content.bytes.byteLength
}
