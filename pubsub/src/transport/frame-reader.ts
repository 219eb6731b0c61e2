import { isUtf8 } from 'node:buffer'
import { appendBytes, type Collected, collect, collectedBytes } from './collected.ts'
import { opcodes } from './frame-bytes.ts'
import { type FrameHead, readHead, type Violation } from './frame-head.ts'
import { unmask } from './unmask.ts'
import { utf8PrefixLength } from './utf8.ts'

/** Takes what a client says. */
export interface FrameSink {
  /** The reader's own notes between two segments; absent while there is nothing to remember. */
  unfinished: Unfinished | undefined
  /** False from the moment on at which nothing more is wanted. */
  readonly isReading: boolean
  /** Bytes are a part of what was read: they may be kept, but not changed. */
  takeMessage(data: string | Uint8Array<ArrayBuffer>): void
  takePing(payload: Uint8Array): void
  takePong(): void
  /** `undefined`: without a code. */
  takeClose(code: number | undefined, reason: string): void
}

/** What came of a frame that is not whole, and of a message that comes in fragments. */
export interface Unfinished {
  frame: Collected | undefined
  /** Opcode of the message; `continuation` while there is none. */
  opcode: number
  message: Collected | undefined
}

/** One for all: it is read before the next frame is looked for. */
const head: FrameHead = { isFinal: false, opcode: 0, start: 0, end: 0, isInMessage: false, maxBytes: 0 }

/**
 * Reads the frames of a client (RFC 6455 5) out of the next `segment` of its bytes, wherever it was cut, and gives them
 * to `sink` in order. A message may take `maxBytes`, in all its fragments together. After a violation, which is returned
 * once everything before it was given, the rest must not be read. `segment` is changed, and may be kept.
 */
export function readFrames(sink: FrameSink, segment: Buffer, maxBytes: number): Violation | undefined {
  let at = 0
  if (sink.unfinished?.frame) {
    const taken = completeFrame(sink, sink.unfinished, { segment, maxBytes })
    if (typeof taken !== 'number') return taken
    at = taken
  }
  while (at < segment.length && sink.isReading) {
    const violation = findFrame(sink, { bytes: segment, at, maxBytes })
    if (violation) return violation
    if (head.end > segment.length) {
      notesOf(sink).frame = collect(segment, at, head.end - at)
      return undefined
    }
    at = head.end
    const fault = takeFrame(sink, segment)
    if (fault) return fault
  }
  return undefined
}

const notesOf = (sink: FrameSink): Unfinished =>
  (sink.unfinished ??= { frame: undefined, opcode: opcodes.continuation, message: undefined })

function findFrame(
  { unfinished }: FrameSink,
  { bytes, at, maxBytes }: { bytes: Buffer; at: number; maxBytes: number },
) {
  head.start = at
  head.isInMessage = unfinished !== undefined && unfinished.opcode !== opcodes.continuation
  head.maxBytes = maxBytes - (unfinished?.message?.length ?? 0)
  return readHead(bytes, head)
}

/** Goes on with the frame that was cut; returns how much of the segment that took. */
function completeFrame(
  sink: FrameSink,
  notes: Unfinished,
  { segment, maxBytes }: { segment: Buffer; maxBytes: number },
): number | Violation {
  const { frame } = notes
  let at = 0
  if (!frame) return at
  do {
    at += appendBytes(frame, segment, at)
    const violation = findFrame(sink, { bytes: collectedBytes(frame), at: 0, maxBytes })
    if (violation) return violation
    frame.needed = head.end
  } while (frame.length < frame.needed && at < segment.length)
  if (frame.length < frame.needed) return at
  notes.frame = undefined
  const fault = takeFrame(sink, collectedBytes(frame))
  if (fault) return fault
  forgetIfIdle(sink)
  return at
}

function takeFrame(sink: FrameSink, bytes: Buffer): Violation | undefined {
  const { opcode, isFinal, start, end } = head
  unmask(bytes, start, end)
  if (opcode >= opcodes.close) return takeControl(sink, opcode, bytes.subarray(start, end))
  if (isFinal && opcode === opcodes.text) return takeText(sink, bytes, { start, end })
  if (isFinal && opcode === opcodes.binary) return takeBinary(sink, bytes.subarray(start, end))
  return takeFragment(sink, bytes)
}

function takeText(sink: FrameSink, bytes: Buffer, { start, end }: { start: number; end: number }) {
  const text = bytes.toString('utf8', start, end)
  // a decoder puts that character where there is none, so without it all was well
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) return 'utf8'
  sink.takeMessage(text)
  return undefined
}

function takeBinary(sink: FrameSink, payload: Buffer): undefined {
  sink.takeMessage(payload as Uint8Array<ArrayBuffer>) // what sockets give is no shared memory
}

function takeFragment(sink: FrameSink, bytes: Buffer): Violation | undefined {
  const { opcode, isFinal, start, end } = head
  const notes = notesOf(sink)
  if (opcode !== opcodes.continuation) notes.opcode = opcode
  const message = (notes.message ??= collect(bytes, end, 0))
  message.needed += end - start
  appendBytes(message, bytes.subarray(0, end), start)
  if (!isFinal) return notes.opcode === opcodes.text ? checkBegun(message) : undefined
  const whole = notes.opcode
  notes.opcode = opcodes.continuation
  notes.message = undefined
  forgetIfIdle(sink)
  const bytesOfAll = collectedBytes(message)
  if (whole === opcodes.binary) return takeBinary(sink, bytesOfAll)
  return takeText(sink, bytesOfAll, { start: 0, end: bytesOfAll.length })
}

/** What is wrong is told before the message is whole (RFC 6455 8.1), each byte looked at once. */
function checkBegun(message: Collected): Violation | undefined {
  const checked = utf8PrefixLength(collectedBytes(message).subarray(message.checked))
  if (checked === undefined) return 'utf8'
  message.checked += checked
  return undefined
}

/** Who sends in fragments once shall not take memory for ever. */
function forgetIfIdle(sink: FrameSink): void {
  const { unfinished } = sink
  if (unfinished && !unfinished.frame && unfinished.opcode === opcodes.continuation) sink.unfinished = undefined
}

function takeControl(sink: FrameSink, opcode: number, payload: Buffer): Violation | undefined {
  if (opcode === opcodes.close) return takeClose(sink, payload)
  if (opcode === opcodes.ping) sink.takePing(payload)
  else sink.takePong()
  return undefined
}

function takeClose(sink: FrameSink, payload: Buffer): Violation | undefined {
  if (payload.length === 0) {
    sink.takeClose(undefined, '')
    return undefined
  }
  if (payload.length === 1) return 'frame'
  const code = payload.readUInt16BE(0)
  const reason = payload.subarray(2)
  if (!isCloseCode(code)) return 'frame'
  if (!isUtf8(reason)) return 'utf8'
  sink.takeClose(code, reason.toString('utf8'))
  return undefined
}

/** Codes that may be on the wire: the registered ones, and those for libraries and applications (RFC 6455 7.4). */
const isCloseCode = (code: number) =>
  (code >= 3_000 && code < 5_000) || (code >= 1_000 && code <= 1_014 && !(code >= 1_004 && code <= 1_006))
