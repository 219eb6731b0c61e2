import { upgradeRequest } from '../../src/testing/raw-client.ts'
import { type HandshakeCase, replaced, withHeaders, withLines } from './handshake-case.ts'

const http10 =
  'RFC 6455 4.2.1 (1) wants HTTP/1.1 or higher; the engine does not tell the version. Who sends the WebSocket headers over 1.0 understands the answer.'
const twoHosts =
  'RFC 9112 3.2 has a server refuse two Host lines; the engine joins them, and no decision of ours reads the header.'
const fragment = 'RFC 3986 has no fragment in a request; the engine leaves it out.'
const emptyLine = 'RFC 9112 2.2 would have an empty line before a request ignored; no client of WebSockets sends one.'
const silence = 'RFC 9110 9.1 would have 501; the engine hangs up. Methods are in upper case.'

/** RFC 6455 4.2.1 (1, 2) and HTTP itself. */
const requestLines: HandshakeCase[] = [
  ...['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'].map((method) => ({
    name: `refuses method ${method}`,
    request: replaced('GET', method),
    status: 400,
  })),
  { name: 'refuses method get', request: replaced('GET', 'get'), status: 'nothing', knownDifference: silence },
  { name: 'takes HTTP/1.0', request: replaced('HTTP/1.1', 'HTTP/1.0'), status: 101, knownDifference: http10 },
  ...['HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9', 'HTTQ/1.1', 'HTTP/11', 'http/1.1'].map((version) => ({
    name: `refuses ${version}`,
    request: replaced('HTTP/1.1', version),
    status: 505,
  })),
  { name: 'refuses a request without Host', request: withHeaders({ Host: '' }), status: 400 },
  { name: 'takes two Hosts', request: withLines(['Host: other.example']), status: 101, knownDifference: twoHosts },
  { name: 'takes a target in absolute form', request: replaced('GET /', 'GET http://localhost:8080/'), status: 101 },
  {
    name: 'takes a target with a fragment',
    request: replaced(' HTTP/1.1', '#top HTTP/1.1'),
    status: 101,
    knownDifference: fragment,
  },
  {
    name: 'takes names of headers in lower case',
    request: (path) => recase(upgradeRequest(path), 'toLowerCase'),
    status: 101,
  },
  {
    name: 'takes names of headers in upper case',
    request: (path) => recase(upgradeRequest(path), 'toUpperCase'),
    status: 101,
  },
  { name: 'takes headers without a space', request: (path) => upgradeRequest(path).replaceAll(': ', ':'), status: 101 },
  { name: 'takes headers with tabs', request: (path) => upgradeRequest(path).replaceAll(': ', ':\t \t'), status: 101 },
  {
    name: 'refuses lines that end in LF',
    request: (path) => upgradeRequest(path).replaceAll('\r\n', '\n'),
    status: 505,
  },
  { name: 'refuses a folded header', request: withLines(['X-Folded: one', ' two']), status: 400 },
  { name: 'refuses a space before the colon', request: withLines(['X-Spaced : one']), status: 400 },
  { name: 'refuses a NUL in a header', request: withLines(['X-Nul: a\0b']), status: 400 },
  { name: 'refuses a control character in a header', request: withLines(['X-Control: a\u{1}b']), status: 400 },
  { name: 'refuses a header without colon', request: withLines(['X-Bare']), status: 400 },
  { name: 'refuses a header without name', request: withLines([': value']), status: 400 },
  { name: 'takes a header of Latin-1', request: withLines(['X-Latin: \u{e4}\u{ff}']), status: 101 },
  {
    name: 'refuses an empty line before the request',
    request: (path) => `\r\n${upgradeRequest(path)}`,
    status: 400,
    knownDifference: emptyLine,
  },
  { name: 'refuses two spaces in the first line', request: replaced('GET ', 'GET  '), status: 400 },
  {
    name: 'refuses a TLS hello',
    request: () => '\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3} hello\r\n\r\n',
    status: 400,
  },
  { name: 'refuses a WebSocket frame', request: () => '\u{81}\u{85}\u{1}\u{2}\u{3}\u{4}hello\r\n\r\n', status: 400 },
]

/** RFC 6455 10.4: bounds of what a stranger may send. */
const bounds: HandshakeCase[] = [
  ...[1_000, 8_000, 15_000].map((length) => ({
    name: `takes a header of ${length} bytes`,
    request: withLines([`X-Long: ${'x'.repeat(length)}`]),
    status: 101,
  })),
  ...[17_000, 100_000, 1_000_000].map((length) => ({
    name: `refuses a header of ${length} bytes`,
    request: withLines([`X-Long: ${'x'.repeat(length)}`]),
    status: 431,
  })),
  { name: 'takes 90 headers', request: withLines(Array.from({ length: 90 }, (_, at) => `X-${at}: y`)), status: 101 },
  {
    name: 'refuses 1,000 headers',
    request: withLines(Array.from({ length: 1_000 }, (_, at) => `X-${at}: y`)),
    status: 431,
  },
  {
    name: 'refuses a query of 20,000 bytes',
    request: (path) => upgradeRequest(`${path}&x=${'x'.repeat(20_000)}`),
    status: 431,
  },
]

function recase(request: string, how: 'toLowerCase' | 'toUpperCase'): string {
  return request.replaceAll(/^[\w-]+(?=:)/gm, (name) => name[how]())
}

export const requests = {
  'request line and headers (RFC 6455 4.2.1, RFC 9112)': requestLines,
  'bounds (10.4)': bounds,
}
