import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { Difference, includes, same } from './expect.ts'

/** What answered an upgrade that was refused. */
export interface Refusal {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

interface Closing {
  code: number
  reason: string
}

/** One WebSocket of the `ws` package, with what arrives in a queue. Nothing here knows a subprotocol but `send` and `expects`. */
export interface Client {
  socket: WebSocket
  /** Of the `connected` frame; empty for simple clients. */
  connectionId: string
  /** The `connected` frame, as it came. */
  connected: Record<string, unknown>
  /** Objects go as JSON, strings as text, bytes as binary. */
  send(...frames: (object | string | Uint8Array)[]): void
  next(): Promise<string | Buffer>
  /** The next frame, parsed. */
  frame(): Promise<Record<string, unknown>>
  /** The next frame is exactly this text, these bytes, or has at least these properties. */
  expects(frame: string | object | Uint8Array, at?: string): Promise<void>
  /** Skips frames until one has these properties. */
  skipTo(properties: object): Promise<Record<string, unknown>>
  /** Takes a `connected` frame if that is the next one: a recovery may come with it or without. */
  skipConnected(): Promise<void>
  /** Whatever the order, these frames and no others come next. */
  expectsAll(...frames: string[]): Promise<void>
  /** A ping is answered before anything else comes (JSON subprotocols only). */
  silence(at?: string): Promise<void>
  /** The close frame comes, with frames before it skipped. */
  closing(): Promise<Closing>
  expectsClose(code: number, reason?: string): Promise<void>
}

export interface OpenOptions {
  url: string
  protocols?: string[]
  headers?: Record<string, string>
  /** How long each step waits. */
  patienceMs: number
}

/** Opens a socket; a refused upgrade is a value, an unreachable endpoint an exception. */
export function open({ url, protocols = [], headers = {}, patienceMs }: OpenOptions): Promise<Client | Refusal> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, headers, handshakeTimeout: patienceMs })
  const client = wrap(socket, patienceMs)
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(client))
    socket.on('error', reject)
    socket.on('unexpected-response', (request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        })
        request.destroy()
      })
    })
  })
}

export const isRefusal = (answer: Client | Refusal): answer is Refusal => 'status' in answer

type Arrival = string | Buffer | Closing

function wrap(socket: WebSocket, patienceMs: number): Client {
  const arrivals = collect(socket, patienceMs)
  const client: Client = {
    socket,
    connectionId: '',
    connected: {},
    send(...frames) {
      for (const frame of frames) socket.send(isRaw(frame) ? frame : JSON.stringify(frame))
    },
    next: async () => notClosed(await arrivals.take()),
    frame: async () => parse(await client.next()),
    expects: async (frame, at) => compare(await client.next(), frame, at),
    async skipTo(properties) {
      for (;;) {
        const frame = await client.frame()
        if (Object.entries(properties).every(([name, value]) => frame[name] === value)) return frame
      }
    },
    async skipConnected() {
      const arrival = await arrivals.peek()
      if (typeof arrival === 'string' && arrival.includes('"event":"connected"')) await client.next()
    },
    async expectsAll(...frames) {
      const got: string[] = []
      while (got.length < frames.length) got.push(String(await client.next()))
      same(got.toSorted(), frames.toSorted())
    },
    async silence(at) {
      client.send('{"type":"ping"}')
      await client.expects('{"type":"pong"}', at ?? 'nothing else arrives')
    },
    async closing() {
      for (;;) {
        const arrival = await arrivals.take()
        if (isClosing(arrival)) return arrival
      }
    },
    async expectsClose(code, reason) {
      const closing = await client.closing()
      same(reason === undefined ? closing.code : closing, reason === undefined ? code : { code, reason }, 'close')
    },
  }
  return client
}

const isRaw = (frame: object | string | Uint8Array) => typeof frame === 'string' || frame instanceof Uint8Array
const isClosing = (arrival: Arrival): arrival is Closing => typeof arrival === 'object' && 'code' in arrival

function notClosed(arrival: Arrival): string | Buffer {
  if (isClosing(arrival)) throw new Difference('a frame', `close ${arrival.code} ${arrival.reason}`)
  return arrival
}

function parse(arrival: string | Buffer): Record<string, unknown> {
  if (typeof arrival !== 'string') throw new Difference('a JSON frame', `binary ${arrival.toString('hex')}`)
  return JSON.parse(arrival) as Record<string, unknown> // every frame of the protocol is an object
}

function compare(got: string | Buffer, expected: string | object | Uint8Array, at?: string): void {
  if (typeof expected === 'string') return same(typeof got === 'string' ? got : hex(got), expected, at)
  if (expected instanceof Uint8Array) return same(typeof got === 'string' ? got : hex(got), hex(expected), at)
  includes(parse(got), expected, at)
}

const hex = (bytes: Uint8Array) => `binary ${Buffer.from(bytes).toString('hex')}`

function collect(socket: WebSocket, patienceMs: number) {
  const arrived: Arrival[] = []
  let wake = () => {}
  const add = (arrival: Arrival) => {
    arrived.push(arrival)
    wake()
  }
  socket.on('message', (data: Buffer, isBinary) => add(isBinary ? data : data.toString()))
  socket.on('close', (code, reason) => add({ code, reason: reason.toString() }))
  return { take, peek }
  async function take(): Promise<Arrival> {
    const arrival = await peek()
    if (!isClosing(arrival)) arrived.shift() // a closing stays: whoever waits next hears of it too
    return arrival
  }
  async function peek(): Promise<Arrival> {
    const deadline = Date.now() + patienceMs
    while (arrived[0] === undefined) {
      const left = deadline - Date.now()
      if (left <= 0) throw new Difference('a frame', `nothing within ${patienceMs / 1_000} s`)
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, left).unref()
      })
    }
    return arrived[0]
  }
}
