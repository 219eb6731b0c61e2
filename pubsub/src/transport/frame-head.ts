import { opcodes } from './frame-bytes.ts'

/** Why a client's frames are not read any further: they are no frames, no UTF-8, or too long. */
export type Violation = 'frame' | 'utf8' | 'size'

/** Where a frame lies in the bytes that it was found in. */
export interface FrameHead {
  isFinal: boolean
  opcode: number
  /** Of the payload; the mask is in the four bytes before it. */
  start: number
  /** Of the whole frame; while its head is not whole, of what is needed to know more. */
  end: number
  /** A message was begun before it and is not finished. */
  isInMessage: boolean
  /** Bytes that it may have, if it is no control frame. */
  maxBytes: number
}

const minHeadBytes = 6
const controlMaxBytes = 125

/**
 * Reads the head of the frame at `head.start` into `head`, as far as it came (RFC 6455 5.2): a violation shows as soon
 * as the byte is there that makes it one, and a length before any of its payload is kept.
 */
export function readHead(bytes: Buffer, head: FrameHead): Violation | undefined {
  const at = head.start
  head.end = at + minHeadBytes
  const first = bytes[at]
  const second = bytes[at + 1]
  if (first === undefined) return undefined
  head.isFinal = first >= 0x80
  head.opcode = first & 15
  if (!isFirstByteSound(first, head)) return 'frame'
  if (second === undefined) return undefined
  if (second < 0x80 || (head.opcode >= opcodes.close && second > 0x80 + controlMaxBytes)) return 'frame'
  return readLength(bytes, head, second & 0x7f)
}

/** No extension uses the reserved bits; control frames are whole; messages do not mix. */
function isFirstByteSound(first: number, { isFinal, opcode, isInMessage }: FrameHead): boolean {
  if ((first & 0x70) !== 0 || (opcode & 7) > opcodes.binary) return false
  if (opcode >= opcodes.close) return isFinal
  return (opcode === opcodes.continuation) === isInMessage
}

/** `short` is the length itself, or says in how many more bytes it is written. */
function readLength(bytes: Buffer, head: FrameHead, short: number): Violation | undefined {
  const at = head.start
  const headBytes = minHeadBytes + (short < 126 ? 0 : short === 126 ? 2 : 8)
  head.end = at + headBytes
  if (bytes.length < head.end) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : readLong(bytes, at + 2)
  if (length === undefined) return 'frame'
  if (length > head.maxBytes && head.opcode < opcodes.close) return 'size'
  head.start = at + headBytes
  head.end = head.start + length
  return undefined
}

/** The highest of the 64 bits must be 0. What is beyond exact numbers is beyond any limit too. */
function readLong(bytes: Buffer, at: number): number | undefined {
  const high = bytes.readUInt32BE(at)
  return high >= 2 ** 31 ? undefined : high * 2 ** 32 + bytes.readUInt32BE(at + 4)
}
