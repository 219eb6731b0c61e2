import { type ClientRequest, isClientPath, isUpgrade } from '../handshake.ts'

/** The handshake of a client, as a request and what the answer is made from. */
export interface UpgradeRequest {
  request: ClientRequest
  key: string
}

/** Requests that do not begin like this need not be whole to be passed on. */
const beginning = 'GET /client'

/** Whether these first bytes of a request may still become a client's handshake. */
export function mayBeUpgrade(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length)
  // without returns its lines would never come to an end for us
  return bytes.toString('latin1', 0, length) === beginning.slice(0, length) && !bytes.includes('\n\n')
}

/** Nothing that a URL parser would change: no dots as segments, no fragment, nothing but ASCII. */
const requestLine = /^GET \/client(?!.*(?:\/\.|\/%2[Ee]|[#\\]))[!-~]* HTTP\/1\.1$/
/** Whole lines of name and value (RFC 9112, 5). */
const headerLines = /^(?:[!#$%&'*+.^_`|~\w-]+:[\t\u0020-\u007e\u0080-\u00ff]*\r\n)+$/
const targetStart = 'GET '.length
const targetEnd = -' HTTP/1.1'.length
const headersMax = 90

/** What must be there once: a second one makes a list of it. */
const required = {
  host: /^[\w.:[\]-]+$/,
  // base64 of 16 bytes
  'sec-websocket-key': /^[+/\dA-Za-z]{22}==$/,
  'sec-websocket-version': /^13$/,
}

/**
 * Reads the head of a request, which ends with the empty line at `end`. `undefined` unless it is a handshake without any
 * flaw (RFC 6455, 4.2.1): whatever else it may be is judged by a whole HTTP server.
 */
export function readUpgrade(bytes: Buffer, end: number, scheme: 'http' | 'https'): UpgradeRequest | undefined {
  const head = bytes.toString('latin1', 0, end + 2)
  const firstEnd = head.indexOf('\r\n')
  const first = head.slice(0, firstEnd)
  if (!requestLine.test(first) || !headerLines.test(head.slice(firstEnd + 2))) return undefined
  const headers = readHeaders(bytes, head, firstEnd + 2)
  if (!headers || !isFlawless(headers)) return undefined
  const url = `${scheme}://${headers.get('host')}${first.slice(targetStart, targetEnd)}`
  const parsed = URL.parse(url)
  if (!parsed || !isClientPath(parsed)) return undefined
  return { request: { url, headers }, key: headers.get('sec-websocket-key') ?? '' }
}

/** `undefined`: too many. Values are strings of their own: a part of `head` would keep all of it for as long. */
function readHeaders(bytes: Buffer, head: string, firstStart: number): Map<string, string> | undefined {
  const headers = new Map<string, string>()
  let count = 0
  for (let start = firstStart; start < head.length; count++) {
    const colon = head.indexOf(':', start)
    const end = head.indexOf('\r\n', colon)
    const name = head.slice(start, colon).toLowerCase()
    const value = bytes.toString('latin1', ...withoutBlanks(head, colon + 1, end))
    const known = headers.get(name)
    headers.set(name, known === undefined ? value : `${known}, ${value}`)
    start = end + 2
  }
  return count <= headersMax ? headers : undefined
}

const isBlank = (text: string, at: number) => text[at] === ' ' || text[at] === '\t'

function withoutBlanks(text: string, start: number, end: number): [start: number, end: number] {
  let [from, to] = [start, end]
  while (from < to && isBlank(text, from)) from++
  while (to > from && isBlank(text, to - 1)) to--
  return [from, to]
}

function isFlawless(headers: Map<string, string>): boolean {
  const hasBody = headers.has('content-length') || headers.has('transfer-encoding')
  if (hasBody || !isUpgrade({ headers })) return false
  return Object.entries(required).every(([name, form]) => form.test(headers.get(name) ?? ''))
}
