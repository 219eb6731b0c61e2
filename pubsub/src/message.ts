import type { Payload } from './ports.ts'

/** What travels, as near to the wire as can be: JSON stays the very text that its sender wrote. */
export type Content =
  | { dataType: 'json'; json: string }
  | { dataType: 'text'; text: string }
  | { dataType: 'binary' | 'protobuf'; bytes: Uint8Array }

export type Metadata = Record<string, string>

/** `group`: published to a group, by a client (then with his user id) or by the backend. `server`: everything else. */
export type Message =
  | { from: 'group'; group: string; fromUserId?: string | undefined; content: Content; metadata?: Metadata | undefined }
  | { from: 'server'; content: Content }

/** `undefined` where JSON has no word for the value, or the word is null: neither may be sent (spec 13, row 31). */
export function contentOf(payload: Payload): Content | undefined {
  if (payload.dataType === 'text') return { dataType: 'text', text: payload.data }
  if (payload.dataType === 'binary') return { dataType: 'binary', bytes: payload.data }
  // `stringify` is typed as if it always gave a string; for undefined and functions it gives undefined
  const json = JSON.stringify(payload.data) as string | undefined
  return json === undefined || json === 'null' ? undefined : { dataType: 'json', json }
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
