import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { buildFrame } from '../testing/raw-client.ts'
import { opcodes } from './frame-bytes.ts'
import type { Violation } from './frame-head.ts'
import { type FrameSink, readFrames, type Unfinished } from './frame-reader.ts'

const maxBytes = 100_000

interface Heard {
  events: string[]
  violation: Violation | undefined
}

/** Reads segment after segment, as a socket would, and writes down what it was given. */
function read(segments: Buffer[]): Heard & { unfinished: Unfinished | undefined } {
  const events: string[] = []
  const sink: FrameSink & { isReading: boolean } = {
    unfinished: undefined,
    isReading: true,
    takeMessage: (data) =>
      events.push(typeof data === 'string' ? `text ${data}` : `binary ${Buffer.from(data).toString('hex')}`),
    takePing: (payload) => events.push(`ping ${Buffer.from(payload).toString('hex')}`),
    takePong: () => events.push('pong'),
    takeClose(code, reason) {
      events.push(`close ${code} ${reason}`)
      sink.isReading = false
    },
  }
  let violation: Violation | undefined
  for (const segment of segments) {
    // what is read is changed: the original is for the next cut
    violation = sink.isReading ? readFrames(sink, Buffer.from(segment), maxBytes) : undefined
    if (violation) break
  }
  return { events, violation, unfinished: sink.unfinished }
}

const cutAt = (bytes: Buffer, cuts: number[]): Buffer[] =>
  [0, ...cuts].map((start, at) => bytes.subarray(start, cuts[at] ?? bytes.length))

const text = (payload: string) => buildFrame({ opcode: opcodes.text, payload })
const close = buildFrame({ opcode: opcodes.close, payload: Buffer.from([3, 232, 0x62, 0x79, 0x65]) })

const streams: Record<string, { bytes: Buffer; heard: Heard }> = {
  'texts of all forms of length': {
    bytes: Buffer.concat([
      text('short'),
      text('m'.repeat(130)),
      buildFrame({ opcode: 1, payload: 'l', lengthBits: 64 }),
    ]),
    heard: { events: ['text short', `text ${'m'.repeat(130)}`, 'text l'], violation: undefined },
  },
  'control frames between fragments': {
    bytes: Buffer.concat([
      buildFrame({ opcode: opcodes.text, payload: Buffer.from([0xe2, 0x82]), isFinal: false }),
      buildFrame({ opcode: opcodes.ping, payload: 'p' }),
      buildFrame({ opcode: opcodes.continuation, payload: Buffer.from([0xac]), isFinal: false }),
      buildFrame({ opcode: opcodes.pong }),
      buildFrame({ opcode: opcodes.continuation, payload: '!' }),
      buildFrame({ opcode: opcodes.binary, payload: 'b' }),
    ]),
    heard: { events: ['ping 70', 'pong', 'text €!', 'binary 62'], violation: undefined },
  },
  'a close frame and what follows it': {
    bytes: Buffer.concat([text('a'), close, text('late'), Buffer.from([255, 255])]),
    heard: { events: ['text a', 'close 1000 bye'], violation: undefined },
  },
  'a frame without mask after one with': {
    bytes: Buffer.concat([text('a'), buildFrame({ opcode: opcodes.text, payload: 'b', mask: 'none' })]),
    heard: { events: ['text a'], violation: 'frame' },
  },
  'a length that is too much': {
    bytes: Buffer.concat([text('a'), buildFrame({ opcode: opcodes.text, claimedLength: BigInt(maxBytes + 1) })]),
    heard: { events: ['text a'], violation: 'size' },
  },
  'fragments that are too much together': {
    bytes: Buffer.concat([
      buildFrame({ opcode: opcodes.binary, payload: 'x', isFinal: false }),
      buildFrame({ opcode: opcodes.continuation, claimedLength: BigInt(maxBytes) }),
    ]),
    heard: { events: [], violation: 'size' },
  },
  'bytes that are no UTF-8 in a message that is not whole': {
    bytes: buildFrame({ opcode: opcodes.text, payload: Buffer.from([0x61, 0xe2, 0x41]), isFinal: false }),
    heard: { events: [], violation: 'utf8' },
  },
}

describe('readFrames', () => {
  for (const [name, { bytes, heard }] of Object.entries(streams)) {
    it(`reads ${name}, cut at every pair of bytes`, () => {
      for (let first = 0; first < bytes.length; first++) {
        for (let second = first; second < bytes.length; second += 1 + (second % 3)) {
          const { events, violation } = read(cutAt(bytes, [first, second]))
          expect({ first, second, events, violation }).toEqual({ first, second, ...heard })
        }
      }
    })
  }

  const frame = fc.record({
    opcode: fc.constantFrom(opcodes.text, opcodes.binary, opcodes.ping, opcodes.pong),
    payload: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.nat(3_000).map((length) => 'ö'.repeat(length)),
    ),
    mask: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
    cuts: fc.array(fc.nat(200), { maxLength: 4 }),
  })

  it('gives any messages in any fragments and segments as they were sent', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(4_000), { maxLength: 8 }), (frames, sizes) => {
        const sent = frames.map((one) => write(one))
        const bytes = Buffer.concat(sent.map((one) => one.bytes))
        const heard = read(segmentsOf(bytes, sizes))
        expect(heard).toEqual({ events: sent.map((one) => one.event), violation: undefined, unfinished: undefined })
      }),
      { numRuns: 500 },
    )
  })

  it('keeps nothing of a frame before it came, and at most twice what came', () => {
    const { unfinished } = read([
      buildFrame({ opcode: opcodes.text, claimedLength: BigInt(maxBytes) }),
      Buffer.alloc(600),
    ])
    expect(unfinished?.frame?.length).toBe(614)
    expect(unfinished?.frame?.bytes.length).toBeLessThanOrEqual(2 * 614)
  })
})

/** Data in fragments where it says so; control frames whole and short. */
function write({ opcode, payload, mask, cuts }: { opcode: number; payload: string; mask: number[]; cuts: number[] }) {
  const whole = Buffer.from(payload)
  if (opcode >= opcodes.close) {
    const short = whole.subarray(0, 125)
    const event = opcode === opcodes.ping ? `ping ${short.toString('hex')}` : 'pong'
    return { event, bytes: buildFrame({ opcode, payload: short, mask }) }
  }
  const parts = segmentsOf(whole, cuts)
  const bytes = parts.map((part, at) =>
    buildFrame({ opcode: at === 0 ? opcode : 0, payload: part, mask, isFinal: at === parts.length - 1 }),
  )
  const event = opcode === opcodes.text ? `text ${whole.toString()}` : `binary ${whole.toString('hex')}`
  return { event, bytes: Buffer.concat(bytes) }
}

function segmentsOf(bytes: Buffer, sizes: number[]): Buffer[] {
  const segments: Buffer[] = []
  let start = 0
  for (const size of sizes) {
    segments.push(bytes.subarray(start, start + size))
    start = Math.min(bytes.length, start + size)
  }
  return [...segments, bytes.subarray(start)]
}
