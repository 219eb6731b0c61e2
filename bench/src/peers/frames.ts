/** What clients say, as the bytes that go over the wire: the load generator only sends them. */

const mask = [0x37, 0xfa, 0x21, 0x3d]

/** One whole frame from a client: masked, as the RFC wants it. `opcode`: 1 text, 2 binary. */
export function clientFrame(payload: string | Uint8Array, opcode: 1 | 2 = 1): Buffer {
  const bytes = Buffer.from(payload)
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255]
  if (bytes.length > 65_535) throw new RangeError('frames of the bench are shorter than 64 KiB')
  return Buffer.concat([
    Buffer.from([0x80 | opcode, ...length, ...mask]),
    bytes.map((byte, at) => byte ^ (mask[at & 3] ?? 0)),
  ])
}

/** A request to upgrade, with the key of the RFC's own example. */
export function upgradeRequest(port: number, path: string, protocol?: string): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

/** A request over a connection that stays open. */
export function postRequest(
  port: number,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: string },
): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

const words = 'goat cheese lemon curd release batch jar wiki Tuesday coffee ship Llama '

/** Text of exactly that many bytes, none of which any of the protocols has to escape. */
export const textOf = (bytes: number): string => words.repeat(Math.ceil(bytes / words.length)).slice(0, bytes)
