import type { WireFrame } from '../subprotocols/subprotocol.ts'

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
/** Of the first byte: this frame is the last of its message. */
const finalBit = 0x80
export type Opcode = (typeof opcodes)[keyof typeof opcodes]

/** A whole message of a server, ready for the wire (RFC 6455 5.2): final, unmasked, in the shortest form of length. */
export function frameOf(message: WireFrame): Buffer {
  if (typeof message !== 'string') return frameBytes(opcodes.binary, message)
  const length = Buffer.byteLength(message)
  const frame = newFrame(opcodes.text, length)
  frame.write(message, frame.length - length, 'utf8')
  return frame
}

/** A control frame; its payload takes at most 125 bytes. */
export function frameBytes(opcode: Opcode, payload: Uint8Array): Buffer {
  const frame = newFrame(opcode, payload.length)
  frame.set(payload, frame.length - payload.length)
  return frame
}

export const pingFrame = frameBytes(opcodes.ping, new Uint8Array(0))

const reasonMaxBytes = 123

/** Without a code it has no payload. A reason that is too long loses its end. */
export function closeFrame(code: number | undefined, reason: string): Buffer {
  if (code === undefined) return frameBytes(opcodes.close, new Uint8Array(0))
  const payload = Buffer.alloc(2 + reasonMaxBytes)
  payload.writeUInt16BE(code, 0)
  // whole characters only
  const written = payload.write(reason, 2, 'utf8')
  return frameBytes(opcodes.close, payload.subarray(0, 2 + written))
}

/** Memory of its own each: a pool would be held as a whole by whoever reads slowly. */
function newFrame(opcode: Opcode, length: number): Buffer {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.allocUnsafeSlow(2 + lengthBytes + length)
  frame[0] = finalBit | opcode
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) {
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    frame.writeUInt32BE(length % 2 ** 32, 6)
  }
  return frame
}
