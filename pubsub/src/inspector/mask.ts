import type { Connection } from '../model.ts'

const mask = '•••'
const secretNames = [
  '(?:access|refresh|id|reconnection|auth|client)?_?token',
  '(?:access|api|shared|private|account|function)_?keys?',
  '(?:client_?)?secret',
  'password',
  'passphrase',
  'authorization',
  'connection_?string',
  'cookie',
]
const names = `(?:${secretNames.join('|')})`
/** The value of a member of that name, also one whose end was cut off. */
const secretMember = new RegExp(`((?<!\\\\)"${names}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gis')
/** The same in JSON that is a string of JSON. */
const nestedMember = new RegExp(`(\\\\+"${names}\\\\+"\\s*:\\s*\\\\+")(?:\\\\{3}"|[^"\\\\]|\\\\[^"])*`, 'gis')
const jsonWebToken = /\beyJ[\w-]{6,}\.[\w-]*(?:\.[\w-]*)?/g
const inText = /\b(access_token|awps_reconnection_token|AccessKey|SharedAccessKey|Bearer)([= ])[^\s"'&;\\]+/gi

/** The same text with what looks like a token, key or password replaced. */
export const maskText = (text: string): string =>
  text
    .replace(secretMember, `$1${mask}`)
    .replace(nestedMember, `$1${mask}`)
    .replace(jsonWebToken, mask)
    .replace(inText, `$1$2${mask}`)

/** A URL without what its query and user part say: keys of functions travel there. */
export function maskUrl(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed) return maskText(url)
  const values = [...new Set(parsed.searchParams.keys())].map((name) => `${name}=${mask}`)
  return `${parsed.origin}${parsed.pathname}${values.length > 0 ? `?${values.join('&')}` : ''}`
}

/** The bytes with the connection's own reconnection token overwritten. Never changes `bytes` itself. */
export function maskBytes(bytes: Uint8Array, { session }: Connection): Uint8Array {
  if (!session) return bytes
  const token = Buffer.from(session.reconnectionToken)
  const at = token.length === 0 ? -1 : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(token)
  return at < 0 ? bytes : Uint8Array.from(bytes).fill('*'.charCodeAt(0), at, at + token.length)
}
