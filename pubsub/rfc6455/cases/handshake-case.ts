import { upgradeRequest } from '../../src/testing/raw-client.ts'

/** An upgrade request and what must come of it. */
export interface HandshakeCase {
  name: string
  request: (path: string) => string
  /** `nothing`: the connection ends without an answer. */
  status: number | 'nothing'
  /** The subprotocol that the answer must name; absent: none at all. */
  protocol?: string
  /** The key that the answer must be made from, where it is not the usual one. */
  key?: string
  /** Headers that the answer must have. */
  headers?: Record<string, string>
  knownDifference?: string
}

type Change = (path: string) => string

/** The request of an honest client with headers set, or taken away by an empty value. */
export const withHeaders =
  (headers: Record<string, string>): Change =>
  (path) =>
    upgradeRequest(path, headers)

/** The same with lines added after the others. */
export const withLines =
  (lines: string[], headers: Record<string, string> = {}): Change =>
  (path) =>
    `${upgradeRequest(path, headers).slice(0, -2)}${lines.map((line) => `${line}\r\n`).join('')}\r\n`

/** The same with something in its text replaced. */
export const replaced =
  (what: string | RegExp, by: string): Change =>
  (path) =>
    upgradeRequest(path).replace(what, by)
