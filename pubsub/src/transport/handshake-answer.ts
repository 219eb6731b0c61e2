import { STATUS_CODES } from 'node:http'
import type { Rejection } from '../handshake.ts'

const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const acceptance =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '

/** The answer that makes a connection a WebSocket (RFC 6455, 4.2.2). */
export function formatAcceptance(key: string, subprotocol: string | undefined): Buffer {
  const accept = Bun.SHA1.hash(key + acceptGuid, 'base64')
  const chosen = subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`
  return Buffer.from(`${acceptance}${accept}\r\n${chosen}\r\n`, 'latin1')
}

/** The last answer on its connection. Whoever is turned away only for now is told when to try again. */
export function formatRejection({ status, text }: Rejection): Buffer {
  const body = Buffer.from(text)
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'Connection: close']
  if (status === 503) lines.push('Retry-After: 1')
  if (body.length > 0) lines.push('Content-Type: text/plain;charset=utf-8')
  lines.push(`Date: ${new Date().toUTCString()}`, `Content-Length: ${body.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}
