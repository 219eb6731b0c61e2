import { connect, type Socket } from 'node:net'

/** A TCP client that says exactly what it is told, for what no WebSocket library would send. */
export interface RawClient {
  socket: Socket
  /** Resolves with all that came so far once it contains `text`, or the server ended the connection. */
  until(text: string): Promise<string>
  ended: Promise<void>
  received(): Buffer
}

export function openRaw(port: number, greeting: string | Buffer): RawClient {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  let wake = () => {}
  const state = { isEnded: false }
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      state.isEnded = true
      resolve()
      wake()
    }
    socket.on('end', end).on('close', end).on('error', end)
  })
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    wake()
  })
  socket.write(greeting)
  const received = () => Buffer.concat(chunks)
  async function until(text: string): Promise<string> {
    while (!state.isEnded && !received().includes(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return received().toString('latin1')
  }
  return { socket, until, ended, received }
}

/** An upgrade request, as a list of header lines that may be added to or (by an empty value) taken from. */
export function upgradeRequest(path: string, headers: Record<string, string> = {}): string {
  const lines = {
    Host: 'localhost:8080',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const kept = Object.entries(lines).filter(([, value]) => value !== '')
  return `GET ${path} HTTP/1.1\r\n${kept.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

/** The status, headers (names in lower case) and body of the answer to one request. */
export async function askRaw(port: number, path: string, headers: Record<string, string> = {}) {
  const client = openRaw(port, upgradeRequest(path, headers))
  const text = await client.until('\r\n\r\n')
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  client.socket.destroy()
  const pairs = lines.map((line) => line.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value])
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(pairs) as Record<string, string>,
    body,
  }
}

/** One masked client frame. */
export function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  const mask = Buffer.from([1, 2, 3, 4])
  const head = Buffer.from(
    bytes.length < 126
      ? [0x80 | opcode, 0x80 | bytes.length]
      : [0x80 | opcode, 0x80 | 126, bytes.length >> 8, bytes.length & 255],
  )
  return Buffer.concat([head, mask, bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0))])
}
