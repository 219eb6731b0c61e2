import { createBytes } from './http-bytes.ts'

/** Names in lower case and values by turns, in the order in which they came. */
export type AnswerHeaders = readonly string[]

export interface HttpAnswer {
  status: number
  headers: AnswerHeaders
  /** Empty where the answer is not a success, or nobody wanted it. */
  body: Buffer
}

/** `isReusable`: nothing follows, so the connection may take another request. */
export type Progress =
  | { is: 'more' }
  | { is: 'whole'; answer: HttpAnswer; isReusable: boolean }
  | { is: 'fault'; fault: string }

export interface AnswerReader {
  /** Takes what arrived. Not to be called again once it said something else than `more`. */
  read(chunk: Buffer): Progress
  /** Nothing more will arrive. */
  end(): Progress
  /** Whether the headers of the answer are there. */
  readonly hasHead: boolean
}

const headersMaxBytes = 32_768
const provisionalMax = 8
/** More of a body that nobody reads is not waited for: a new connection is cheaper. */
const ignoredMaxBytes = 65_536
const chunkLineMaxBytes = 256

interface Head {
  status: number
  headers: AnswerHeaders
  /** Of the body, in bytes; `chunked`, or `all` that comes until the end. */
  length: number | 'chunked' | 'all'
  isKeptAlive: boolean
}

/** An answer of which a part is there. */
interface Reading {
  bodyMaxBytes: number
  head: Head | undefined
  /** What arrived and is not understood yet. */
  rest: Buffer
  provisional: number
  body: ReturnType<typeof createBytes>
  /** What is still to come of a chunk, with the end of line behind it. */
  chunkLeft: number
}

/**
 * Reads one HTTP/1 answer as it arrives, and nothing that is not one. `bodyMaxBytes`: a success with more is a fault,
 * 0 means that nobody wants the body. Bodies are never unpacked.
 */
export function createAnswerReader(bodyMaxBytes: number): AnswerReader {
  const reading: Reading = {
    bodyMaxBytes,
    head: undefined,
    rest: Buffer.alloc(0),
    provisional: 0,
    body: createBytes(),
    chunkLeft: 0,
  }
  return {
    read(chunk) {
      reading.rest = reading.rest.byteLength === 0 ? chunk : Buffer.concat([reading.rest, chunk])
      return reading.head ? readBody(reading, reading.head) : readHead(reading)
    },
    end: () => (reading.head?.length === 'all' ? whole(reading, reading.head, false) : faulty('the answer broke off')),
    get hasHead() {
      return reading.head !== undefined
    },
  }
}

export const isSuccess = (status: number) => status >= 200 && status < 300

export const valuesOf = (headers: AnswerHeaders, name: string): string[] =>
  headers.filter((_, at) => at % 2 === 1 && headers[at - 1] === name)

/** Of a repeated header the last one counts. */
export function valueOf(headers: AnswerHeaders, name: string): string | undefined {
  for (let at = headers.length - 2; at >= 0; at -= 2) if (headers[at] === name) return headers[at + 1]
  return undefined
}

const more: Progress = { is: 'more' }
const faulty = (fault: string): Progress => ({ is: 'fault', fault })

function readHead(reading: Reading): Progress {
  for (;;) {
    const { rest } = reading
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1 && rest.byteLength <= headersMaxBytes) return more
    const head = end === -1 || end > headersMaxBytes ? 'the headers are too large' : parseHead(textIn(rest, 0, end))
    if (typeof head === 'string') return faulty(head)
    reading.rest = rest.subarray(end + 4)
    if (head.status >= 200) return readBody(reading, (reading.head = head))
    if (head.status === 101) return faulty('the protocol was switched')
    if (++reading.provisional > provisionalMax) return faulty('there are too many provisional answers')
  }
}

const textIn = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to)

function readBody(reading: Reading, head: Head): Progress {
  if (head.length === 'chunked') return readChunks(reading, head)
  const missing = head.length === 'all' ? reading.rest.byteLength : head.length - reading.body.length
  const stop = take(reading, head, missing)
  return stop ?? (reading.body.length === head.length ? whole(reading, head, true) : more)
}

function readChunks(reading: Reading, head: Head): Progress {
  for (;;) {
    if (reading.chunkLeft > 0) {
      const stop = readChunk(reading, head)
      if (stop) return stop
    }
    const { rest } = reading
    const end = rest.indexOf('\r\n')
    if (end === -1 && rest.byteLength <= chunkLineMaxBytes) return more
    const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(textIn(rest, 0, Math.max(end, 0))) ?? []
    if (size === undefined || end > chunkLineMaxBytes) return faulty('a chunk has no size')
    const bytes = Number.parseInt(size, 16)
    if (bytes === 0) return readTrailer(reading, head, end)
    reading.chunkLeft = bytes + 2
    reading.rest = rest.subarray(end + 2)
  }
}

/** The rest of a chunk, as far as it is there; `undefined` when it is complete. */
function readChunk(reading: Reading, head: Head): Progress | undefined {
  const taken = Math.min(reading.chunkLeft - 2, reading.rest.byteLength)
  const stop = take(reading, head, taken)
  if (stop) return stop
  reading.chunkLeft -= taken
  if (reading.chunkLeft > 2 || reading.rest.byteLength < 2) return more
  if (textIn(reading.rest, 0, 2) !== '\r\n') return faulty('a chunk does not end')
  reading.rest = reading.rest.subarray(2)
  reading.chunkLeft = 0
  return undefined
}

/** Headers behind the last chunk are passed over. */
function readTrailer(reading: Reading, head: Head, end: number): Progress {
  const last = reading.rest.indexOf('\r\n\r\n', end)
  if (last === -1) return reading.rest.byteLength > headersMaxBytes ? faulty('the trailer is too large') : more
  reading.rest = reading.rest.subarray(last + 4)
  return whole(reading, head, true)
}

/** Moves bytes into the body; says more only if there are too many. */
function take(reading: Reading, head: Head, count: number): Progress | undefined {
  const { body, bodyMaxBytes } = reading
  const isWanted = bodyMaxBytes > 0 && isSuccess(head.status)
  const bytes = reading.rest.subarray(0, count)
  const isTooMuch = body.length + bytes.byteLength > (isWanted ? bodyMaxBytes : ignoredMaxBytes)
  if (isTooMuch) return isWanted ? faulty(`the body is larger than ${bodyMaxBytes} bytes`) : whole(reading, head, false)
  reading.rest = reading.rest.subarray(bytes.byteLength)
  if (isWanted) body.add(bytes)
  else body.skip(bytes.byteLength)
  return undefined
}

function whole({ body, rest }: Reading, { status, headers, isKeptAlive }: Head, isAtEnd: boolean): Progress {
  const answer = { status, headers, body: body.whole() }
  return { is: 'whole', answer, isReusable: isAtEnd && isKeptAlive && rest.byteLength === 0 }
}

/** What is wrong with it, as a text. */
function parseHead(text: string): Head | string {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n\0]*)?$/.exec(statusLine) ?? []
  if (digits === undefined) return 'there is no HTTP status'
  const headers: string[] = []
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return 'a header line is malformed'
    headers.push(name.toLowerCase(), value.trimEnd())
  }
  const status = Number(digits)
  const length = lengthOf(status, headers)
  if (length === undefined) return 'the length of the body is not clear'
  return { status, headers, length, isKeptAlive: isKeptAlive(headers, minor === '1') }
}

/** By RFC 9112, 6.3; what could be read in two ways is refused. */
function lengthOf(status: number, headers: AnswerHeaders): Head['length'] | undefined {
  if (status < 200 || status === 204 || status === 304) return 0
  const codings = valuesOf(headers, 'transfer-encoding')
  const lengths = new Set(valuesOf(headers, 'content-length'))
  if (codings.length > 0)
    return lengths.size === 0 && codings.join(',').toLowerCase() === 'chunked' ? 'chunked' : undefined
  const [length] = lengths
  if (length === undefined) return 'all'
  return lengths.size === 1 && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

function isKeptAlive(headers: AnswerHeaders, isHttp11: boolean): boolean {
  const tokens = valuesOf(headers, 'connection').join(',').toLowerCase()
  return isHttp11 ? !tokens.includes('close') : tokens.includes('keep-alive')
}
