import { fromHeaderValue } from '../header-value.ts'
import { type Content, jsonContent, type Metadata } from '../message.ts'
import { badRequest, type Outcome } from '../service/refusals.ts'
import { tooLarge } from '../service/parcel.ts'

/** A status without a body, or why not. */
type Read<Value> = Outcome<Value> | { status: 415 }

const notJson = badRequest('The request body is not a valid JSON.')
const notText = badRequest('The request body is not valid text of its charset.')
const notSupported = { status: 415 } as const

/** The body of a send, by its content type (spec 9.2). */
export async function readContent(request: Request, maxBytes: number): Promise<Read<Content>> {
  const { type, charset } = contentTypeOf(request)
  const reader = readers.get(type)
  const decoder = decoderFor(charset)
  if (!reader || !decoder || isEncoded(request)) return notSupported
  const bytes = await readBytes(request, maxBytes)
  return bytes ? reader(bytes, decoder) : { refusal: tooLarge }
}

/** A JSON document; `undefined` is none. */
export async function readJson(request: Request, maxBytes: number): Promise<Read<unknown>> {
  const { type, charset } = contentTypeOf(request)
  const decoder = decoderFor(charset)
  if (type !== 'application/json' || !decoder || isEncoded(request)) return notSupported
  const bytes = await readBytes(request, maxBytes)
  if (!bytes) return { refusal: tooLarge }
  const json = parseJson(bytes, decoder)
  return json ? { value: json.value } : { refusal: notJson }
}

type Reader = (bytes: Uint8Array, decoder: TextDecoder) => Outcome<Content>

const readers = new Map<string, Reader>([
  [
    'text/plain',
    (bytes, decoder) => {
      const text = decode(bytes, decoder)
      return text === undefined ? { refusal: notText } : { value: { dataType: 'text', text } }
    },
  ],
  ['application/octet-stream', (bytes) => ({ value: { dataType: 'binary', bytes } })],
  ['', (bytes) => ({ value: { dataType: 'binary', bytes } })],
  ['application/x-protobuf', (bytes) => ({ value: { dataType: 'protobuf', bytes } })],
  [
    'application/json',
    (bytes, decoder) => {
      const json = parseJson(bytes, decoder)
      const content = json && jsonContent(json.text, json.value)
      return content ? { value: content } : { refusal: notJson }
    },
  ],
])

/** `charset` is empty for UTF-8. */
function contentTypeOf({ headers }: Request): { type: string; charset: string } {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').split(';')
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter)?.[1])
    .find(Boolean)
  return { type: type.trim().toLowerCase(), charset: charset && !/^utf-?8$/i.test(charset) ? charset : '' }
}

/** Nothing is unpacked: no small body can become a large one. */
const isEncoded = ({ headers }: Request) => !/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** `undefined` for an encoding that nobody knows. */
function decoderFor(charset: string): TextDecoder | undefined {
  if (charset === '') return utf8
  try {
    // it is typed as if only some names existed; for others it throws
    return new TextDecoder(charset as Bun.Encoding, { fatal: true })
  } catch {
    // the constructor throws for nothing but an unknown name
    return undefined
  }
}

/** `undefined` for bytes that are no text: what was sent must not arrive as something else. */
function decode(bytes: Uint8Array, decoder: TextDecoder): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    // a decoder throws for nothing else
    return undefined
  }
}

function parseJson(bytes: Uint8Array, decoder: TextDecoder): { text: string; value: unknown } | undefined {
  const text = decode(bytes, decoder)
  if (text === undefined) return undefined
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    // nothing but `JSON.parse` is in here: it is not JSON
    return undefined
  }
}

/** `undefined` when there are more: known beforehand, or once so many have come. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const length = request.headers.get('content-length')
  if (length !== null) return Number(length) > maxBytes ? undefined : request.bytes()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const metadataPrefix = 'x-webpubsub-metadata-'

/** Header names come in lower case, and so do the keys (spec 9.2); values are UTF-8. */
export function readMetadata({ headers }: Request): Metadata | undefined {
  const entries: [string, string][] = []
  for (const [name, value] of headers) {
    if (name.startsWith(metadataPrefix)) entries.push([name.slice(metadataPrefix.length), fromHeaderValue(value)])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
