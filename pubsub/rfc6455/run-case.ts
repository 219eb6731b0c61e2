import { expect } from 'bun:test'
import { buildFrame, openRawWebSocket, type RawWebSocket, type ServerFrame } from '../src/testing/raw-client.ts'
import { type Transport, usualTransport } from '../src/testing/service.ts'
import { clientPath, type Subject, upgradeTo } from './subject.ts'

/** What a client does after its handshake, and all that it must see. The subject echoes data (see `subject.ts`). */
export interface FrameCase {
  name: string
  send: Buffer[]
  /** Data frames that come back: strings are text, bytes binary. Default: none. */
  echoes?: (string | Buffer)[]
  /** Payloads of the pongs that come back. Default: none. */
  pongs?: (string | Buffer)[]
  /** The close frame that ends it; absent: the connection stays open. */
  closes?: Closing
  /** Why what is asserted here differs from the letter of RFC 6455, and why that does no harm. */
  knownDifference?: string
  /** Only where WebSockets are carried that way; absent: wherever they are. */
  transport?: Transport
}

export const isMeantHere = ({ transport }: { transport?: Transport }) =>
  transport === undefined || transport === usualTransport()

interface Closing {
  /** `none`: a close frame without payload. */
  code: number | 'none'
  /** The whole reason; absent: any, but there is one. */
  reason?: string
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export const text = (payload: string | Uint8Array) => buildFrame({ opcode: opcodes.text, payload })
export const binary = (payload: string | Uint8Array) => buildFrame({ opcode: opcodes.binary, payload })
export const ping = (payload: string | Uint8Array) => buildFrame({ opcode: opcodes.ping, payload })
export const pong = (payload: string | Uint8Array) => buildFrame({ opcode: opcodes.pong, payload })

/** A close frame with a code and the bytes of its reason. */
export function close(code: number, reason: string | Uint8Array = ''): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
  return buildFrame({ opcode: opcodes.close, payload })
}

/** The frames of one message in pieces; `opcode` is that of the first. */
export function fragments(opcode: number, payloads: (string | Uint8Array)[]): Buffer[] {
  return payloads.map((payload, at) =>
    buildFrame({ opcode: at === 0 ? opcode : opcodes.continuation, payload, isFinal: at === payloads.length - 1 }),
  )
}

/** How the bytes of a case reach the server: it must not matter. */
type Delivery = (bytes: Buffer[]) => Buffer[]
const deliveries: Record<string, Delivery> = {
  whole: (frames) => [Buffer.concat(frames)],
  'frame by frame': (frames) => frames,
  'byte by byte': (frames) => Array.from(Buffer.concat(frames), (byte) => Buffer.from([byte])),
}
/** Above this a case is not sent byte by byte: that would be long, and tell nothing new. */
const byteByByteMax = 400

/** Runs a case in every way of delivery, each on a connection of its own. */
export async function runCase(subject: Subject, frameCase: FrameCase): Promise<void> {
  const isShort = Buffer.concat(frameCase.send).length <= byteByByteMax
  for (const [name, deliver] of Object.entries(deliveries)) {
    if (!isShort && name === 'byte by byte') continue
    const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
    try {
      await write(webSocket, deliver(frameCase.send))
      expect({ delivery: name, ...(await observe(webSocket, frameCase)) }).toEqual({
        delivery: name,
        ...expected(frameCase),
      })
    } finally {
      webSocket.socket.destroy()
    }
  }
}

/** Between two pieces the event loop turns, so that the server, which shares it, may read the first. */
async function write({ socket }: RawWebSocket, pieces: Buffer[]): Promise<void> {
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await new Promise(setImmediate)
    if (!socket.writable) return
    socket.write(piece)
  }
}

interface Observation {
  echoes: string[]
  pongs: string[]
  closes: { code: number | 'none'; reason: string } | undefined
  isOpen: boolean
}

const probe = 'is anything else on its way?'

/** Reads until the server ended the connection, or has answered a last ping after all that was expected. */
async function observe(webSocket: RawWebSocket, frameCase: FrameCase): Promise<Observation> {
  const seen: Observation = { echoes: [], pongs: [], closes: undefined, isOpen: false }
  const isComplete = () =>
    seen.echoes.length >= (frameCase.echoes?.length ?? 0) && seen.pongs.length >= (frameCase.pongs?.length ?? 0)
  let isProbing = false
  for (;;) {
    if (!isProbing && !frameCase.closes && isComplete()) {
      webSocket.socket.write(ping(probe))
      isProbing = true
    }
    const frame = await webSocket.nextFrame()
    seen.isOpen = frame?.opcode === opcodes.pong && frame.payload.toString() === probe
    if (!frame || seen.isOpen) break
    note(frame, frameCase, seen)
  }
  expect(webSocket.rest().toString('hex')).toBe('')
  return seen
}

/** Whatever the server says must itself be sound. */
function note(frame: ServerFrame, frameCase: FrameCase, seen: Observation): void {
  const { isFinal, reservedBits, isMasked, opcode, payload } = frame
  expect({ isFinal, reservedBits, isMasked }).toEqual({ isFinal: true, reservedBits: 0, isMasked: false })
  if (seen.closes) throw new Error('a frame came after the close frame')
  if (opcode === opcodes.close) seen.closes = readClose(payload, frameCase)
  else if (opcode === opcodes.pong) seen.pongs.push(payload.toString('latin1'))
  else seen.echoes.push(formatEcho(opcode === opcodes.text ? payload.toString() : payload))
}

function readClose(payload: Buffer, { closes }: FrameCase): { code: number | 'none'; reason: string } {
  if (payload.length === 0) return { code: 'none', reason: '' }
  const reason = payload.toString('utf8', 2)
  return { code: payload.readUInt16BE(0), reason: closes?.reason === undefined && reason !== '' ? anyReason : reason }
}

const anyReason = 'any'

function expected({ echoes = [], pongs = [], closes }: FrameCase): Observation {
  return {
    echoes: echoes.map(formatEcho),
    pongs: pongs.map((payload) => Buffer.from(payload).toString('latin1')),
    closes: closes && { code: closes.code, reason: closes.reason ?? (closes.code === 'none' ? '' : anyReason) },
    isOpen: !closes,
  }
}

/** Long payloads as their length and a digest: what a failure prints stays readable. */
function formatEcho(payload: string | Buffer): string {
  const kind = typeof payload === 'string' ? 'text' : 'binary'
  const bytes = Buffer.from(payload)
  const shown = bytes.length <= 64 ? bytes.toString('latin1') : `${bytes.length} bytes, hash ${Bun.hash(bytes)}`
  return `${kind}: ${shown}`
}
