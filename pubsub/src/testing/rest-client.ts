import { openKeyRing, signHs256 } from '../hs256.ts'
import { openRaw } from './raw-client.ts'
import { testKeys } from './service.ts'

export interface RawAnswer {
  status: number
  /** Names as they were written, in order of the alphabet, without the date. */
  headers: Record<string, string>
  hasDate: boolean
  body: string
}

interface RestRequest {
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Default: a good one. `undefined`: none. */
  token?: string | undefined
}

interface RestClaims {
  /** Default: the first one. */
  key?: string
  [claim: string]: unknown
}

/** A token as the official client makes it for one request. `claims` replaces some of its. */
export function restToken(port: number, path: string, { key = testKeys[0], ...claims }: RestClaims = {}): string {
  const iat = Math.floor(Date.now() / 1_000)
  return signHs256(openKeyRing([key]), { iat, exp: iat + 3_600, aud: `http://127.0.0.1:${port}${path}`, ...claims })
}

/** Says `line` ("POST /api/…") on a socket of its own, and returns all that comes back. */
export async function askRest(port: number, line: string, request: RestRequest = {}): Promise<RawAnswer> {
  const [, path = ''] = line.split(' ')
  const { body = '', token = restToken(port, path) } = request
  const headers = {
    Host: `127.0.0.1:${port}`,
    Connection: 'close',
    ...(!('token' in request && request.token === undefined) && { Authorization: `Bearer ${token}` }),
    ...(/^(?:POST|PUT)/.test(line) && { 'Content-Length': `${Buffer.byteLength(body)}` }),
    ...request.headers,
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const client = openRaw(
    port,
    Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${head.join('')}\r\n`), Buffer.from(body)]),
  )
  await client.ended
  return parseAnswer(client.received().toString())
}

function parseAnswer(text: string): RawAnswer {
  const headEnd = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  const kept = pairs.filter(([name]) => !/^(?:date|connection)$/i.test(name))
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(kept.sort(([one], [other]) => (one < other ? -1 : 1))),
    hasDate: pairs.some(([name]) => name.toLowerCase() === 'date'),
    body: text.slice(headEnd + 4),
  }
}
