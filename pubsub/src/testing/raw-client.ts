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
export const clientFrame = (opcode: number, payload: string | Buffer): Buffer => buildFrame({ opcode, payload })

/** A frame as RFC 6455 5.2 lays it out; what is left out is as an honest client would have it. */
interface FrameParts {
  opcode: number
  payload?: string | Uint8Array
  isFinal?: boolean
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  reservedBits?: number
  /** Four bytes, or none at all, which no client may send. */
  mask?: readonly number[] | 'none'
  /** How the length is written: in 7, 16 or 64 bits. Default: the shortest form that holds it. */
  lengthBits?: 7 | 16 | 64
  /** What the length field says where it lies. */
  claimedLength?: bigint
}

export function buildFrame(parts: FrameParts): Buffer {
  const { opcode, isFinal = true, reservedBits = 0, mask = [1, 2, 3, 4] } = parts
  const payload = Buffer.from(parts.payload ?? '')
  const length = parts.claimedLength ?? BigInt(payload.length)
  const first = (isFinal ? 0x80 : 0) | (reservedBits << 4) | opcode
  const lengthField = formatLength(length, parts.lengthBits ?? shortestForm(length))
  if (mask === 'none') return Buffer.concat([Buffer.from([first]), lengthField, payload])
  lengthField[0] = (lengthField[0] ?? 0) | 0x80
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0)
  return Buffer.concat([Buffer.from([first]), lengthField, Buffer.from(mask), payload])
}

const shortestForm = (length: bigint) => (length < 126n ? 7 : length < 65_536n ? 16 : 64)

function formatLength(length: bigint, bits: 7 | 16 | 64): Buffer {
  if (bits === 7) return Buffer.from([Number(length)])
  const field = Buffer.alloc(bits === 16 ? 3 : 9)
  field[0] = bits === 16 ? 126 : 127
  if (bits === 16) field.writeUInt16BE(Number(length), 1)
  else field.writeBigUInt64BE(length, 1)
  return field
}

export interface ServerFrame {
  isFinal: boolean
  reservedBits: number
  opcode: number
  isMasked: boolean
  payload: Buffer
}

/** The whole frame that `bytes` begin with, and how many bytes it takes; `undefined` while it is incomplete. */
export function readFrame(bytes: Buffer): { frame: ServerFrame; size: number } | undefined {
  if (bytes.length < 2) return undefined
  const first = bytes.readUInt8(0)
  const second = bytes.readUInt8(1)
  const short = second & 0x7f
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8
  if (bytes.length < 2 + lengthBytes) return undefined
  const length = lengthBytes === 0 ? short : Number(BigInt(`0x${bytes.toString('hex', 2, 2 + lengthBytes)}`))
  const isMasked = (second & 0x80) !== 0
  const start = 2 + lengthBytes + (isMasked ? 4 : 0)
  if (bytes.length < start + length) return undefined
  const payload = Buffer.from(bytes.subarray(start, start + length))
  const frame = { isFinal: first >= 0x80, reservedBits: (first >> 4) & 7, opcode: first & 15, isMasked, payload }
  return { frame, size: start + length }
}

/** An open WebSocket of which every byte is the test's own. */
export interface RawWebSocket {
  socket: Socket
  /** The answer to the handshake, up to the empty line. */
  head: string
  /** The next frame; `undefined` when the connection ended before it was whole. */
  nextFrame: () => Promise<ServerFrame | undefined>
  /** Bytes that came and are no whole frame. */
  rest: () => Buffer
}

/**
 * Opens a WebSocket and puts `firstFrames` into the same segment as the request. Rejects with the answer's head when
 * it is not 101.
 */
export async function openRawWebSocket(port: number, request: string, firstFrames?: Buffer): Promise<RawWebSocket> {
  const greeting = Buffer.concat([Buffer.from(request, 'latin1'), firstFrames ?? Buffer.alloc(0)])
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const stream = collect(socket)
  socket.write(greeting)
  const head = await stream.take(readHead)
  if (!head?.startsWith('HTTP/1.1 101')) {
    socket.destroy()
    throw new Error(`the handshake failed: ${head ?? 'the connection ended'}`)
  }
  const takeFrame = (bytes: Buffer) => {
    const read = readFrame(bytes)
    return read && { value: read.frame, size: read.size }
  }
  return { socket, head, nextFrame: () => stream.take(takeFrame), rest: stream.rest }
}

function readHead(bytes: Buffer): Taken<string> | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? undefined : { value: bytes.toString('latin1', 0, end), size: end + 4 }
}

interface Taken<Value> {
  value: Value
  size: number
}

/** What arrives, to be taken off piece by piece. One taker at a time. */
function collect(socket: Socket) {
  let chunks: Buffer[] = []
  let isEnded = false
  let wake = () => {}
  const end = () => {
    isEnded = true
    wake()
  }
  socket.on('end', end).on('close', end).on('error', end)
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    wake()
  })
  const rest = () => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
    return chunks[0] ?? Buffer.alloc(0)
  }
  async function take<Value>(read: (bytes: Buffer) => Taken<Value> | undefined): Promise<Value | undefined> {
    for (;;) {
      const bytes = rest()
      const taken = read(bytes)
      if (taken) chunks = [bytes.subarray(taken.size)]
      if (taken || isEnded) return taken?.value
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { take, rest }
}
