import { buildFrame } from '../../src/testing/raw-client.ts'
import { binary, close, type FrameCase, fragments, opcodes, ping, text } from '../run-case.ts'
import { emptyEcho } from '../subject.ts'

const hello = 'hello'
const protocolError = { code: 1002 }
const tooBig = { code: 1009 }

const boundaries = [1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 129, 1_000, 65_534, 65_535, 65_536, 65_537, 131_072]

const letters = (length: number) => 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length)
const everyByte = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => at % 256))

/** RFC 6455 5.2: payload length. */
const lengths: FrameCase[] = [
  { name: 'takes a text of 0 bytes', send: [text('')], echoes: [emptyEcho] },
  { name: 'takes a binary message of 0 bytes', send: [binary('')], echoes: [emptyEcho] },
  ...boundaries.map((length) => ({
    name: `takes a text of ${length} bytes`,
    send: [text(letters(length))],
    echoes: [letters(length)],
  })),
  ...boundaries.map((length) => ({
    name: `takes a binary message of ${length} bytes`,
    send: [binary(everyByte(length))],
    echoes: [everyByte(length)],
  })),
  {
    name: 'takes messages one after the other',
    send: [text('a'), binary('b'), text('c')],
    echoes: ['a', Buffer.from('b'), 'c'],
  },
]

const notMinimal =
  'RFC 6455 5.2 has the sender use the fewest bytes for a length; what a receiver does with more is left open. Taken as it is meant.'
const hugeLength =
  'RFC 6455 5.2 forbids the highest bit of a 64-bit length (1002 would say so); it is refused for its size instead, as any such length.'

/** RFC 6455 5.2: lengths written in another form, and lengths that are lies. */
const lengthForms: FrameCase[] = [
  ...([16, 64] as const).map((lengthBits) => ({
    name: `takes 5 bytes with a length of ${lengthBits} bits`,
    send: [buildFrame({ opcode: opcodes.text, payload: hello, lengthBits })],
    echoes: [hello],
    knownDifference: notMinimal,
  })),
  {
    name: 'takes 300 bytes with a length of 64 bits',
    send: [buildFrame({ opcode: opcodes.binary, payload: everyByte(300), lengthBits: 64 })],
    echoes: [everyByte(300)],
    knownDifference: notMinimal,
  },
  {
    name: 'takes an empty text with a length of 16 bits',
    send: [buildFrame({ opcode: opcodes.text, lengthBits: 16 })],
    echoes: [emptyEcho],
    knownDifference: notMinimal,
  },
  ...([16, 64] as const).map((lengthBits) => ({
    name: `refuses a ping with a length of ${lengthBits} bits`,
    send: [buildFrame({ opcode: opcodes.ping, payload: hello, lengthBits })],
    closes: protocolError,
  })),
  ...[1n << 63n, (1n << 63n) + 5n, (1n << 64n) - 1n].flatMap((claimedLength): FrameCase[] => {
    const name = `refuses a length with its highest bit set: ${claimedLength.toString(16)}`
    const send = [buildFrame({ opcode: opcodes.text, payload: hello, claimedLength })]
    return [
      { name, send, closes: protocolError, transport: 'raw' },
      { name: `${name}, for its size`, send, closes: tooBig, transport: 'bun', knownDifference: hugeLength },
    ]
  }),
  ...[(1n << 63n) - 1n, 1n << 62n, 1n << 53n, (1n << 32n) + 5n, 1n << 32n, (1n << 31n) + 1n].map((claimedLength) => ({
    name: `refuses a length of ${claimedLength} before its payload comes`,
    send: [buildFrame({ opcode: opcodes.text, payload: hello, claimedLength })],
    closes: tooBig,
  })),
]

const reservedBits = [1, 2, 3, 4, 5, 6, 7]
const bits = (value: number) => value.toString(2).padStart(3, '0')

/** RFC 6455 5.2: RSV1 to RSV3 without an extension. */
const reserved: FrameCase[] = reservedBits.flatMap((value) => [
  {
    name: `refuses a text with reserved bits ${bits(value)}`,
    send: [buildFrame({ opcode: opcodes.text, payload: hello, reservedBits: value })],
    closes: protocolError,
  },
  {
    name: `refuses a ping with reserved bits ${bits(value)} and answers what came before`,
    send: [text('before'), buildFrame({ opcode: opcodes.ping, payload: hello, reservedBits: value })],
    echoes: ['before'],
    closes: protocolError,
  },
  {
    name: `refuses a close frame with reserved bits ${bits(value)}`,
    send: [buildFrame({ opcode: opcodes.close, payload: Buffer.from([3, 232]), reservedBits: value })],
    closes: protocolError,
  },
  {
    name: `refuses a continuation with reserved bits ${bits(value)}`,
    send: [
      buildFrame({ opcode: opcodes.text, payload: 'a', isFinal: false }),
      buildFrame({ opcode: opcodes.continuation, payload: 'b', reservedBits: value }),
    ],
    closes: protocolError,
  },
])

/** RFC 6455 5.2: opcodes 3 to 7 and 11 to 15. */
const unknownOpcodes: FrameCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
  { name: `refuses opcode ${opcode} without payload`, send: [buildFrame({ opcode })], closes: protocolError },
  {
    name: `refuses opcode ${opcode} between two texts, of which it answers the first`,
    send: [text('before'), buildFrame({ opcode, payload: hello }), text('after')],
    echoes: ['before'],
    closes: protocolError,
  },
])

const sameMaskForAll = [0, 0, 0, 0]

/** RFC 6455 5.1 and 5.3: each frame of a client is masked. */
const masks: FrameCase[] = [
  ...[sameMaskForAll, [255, 255, 255, 255], [0, 0, 0, 1], [128, 0, 0, 0], [222, 173, 190, 239]].map((mask) => ({
    name: `takes a text masked with ${Buffer.from(mask).toString('hex')}`,
    send: [buildFrame({ opcode: opcodes.text, payload: 'masked, odd length', mask })],
    echoes: ['masked, odd length'],
  })),
  {
    name: 'takes fragments with a mask of their own each',
    send: [
      buildFrame({ opcode: opcodes.text, payload: 'one ', mask: [1, 2, 3, 4], isFinal: false }),
      buildFrame({ opcode: opcodes.continuation, payload: 'two', mask: [9, 8, 7, 6] }),
    ],
    echoes: ['one two'],
  },
  ...Object.entries({ text: opcodes.text, binary: opcodes.binary, ping: opcodes.ping, pong: opcodes.pong }).map(
    ([name, opcode]) => ({
      name: `refuses a ${name} frame without mask`,
      send: [buildFrame({ opcode, payload: hello, mask: 'none' })],
      closes: protocolError,
    }),
  ),
  {
    name: 'refuses an empty text frame without mask',
    send: [buildFrame({ opcode: opcodes.text, mask: 'none' })],
    closes: protocolError,
  },
  {
    name: 'refuses a close frame without mask',
    send: [buildFrame({ opcode: opcodes.close, payload: Buffer.from([3, 232]), mask: 'none' })],
    closes: protocolError,
  },
  {
    name: 'refuses a continuation without mask',
    send: [
      buildFrame({ opcode: opcodes.text, payload: 'a', isFinal: false }),
      buildFrame({ opcode: opcodes.continuation, payload: 'b', mask: 'none' }),
    ],
    closes: protocolError,
  },
  {
    name: 'refuses a frame without mask after one with',
    send: [text('masked'), buildFrame({ opcode: opcodes.text, payload: 'bare', mask: 'none' })],
    echoes: ['masked'],
    closes: protocolError,
  },
]

const mebibyte = 1_048_576
const tooLarge = { code: 1009, reason: 'The client message is too large.' }

/** RFC 6455 10.4 and the service's own limit of 1 MiB for a message (spec 12). */
const sizes: FrameCase[] = [
  { name: 'takes a text of 1 MiB', send: [text(letters(mebibyte))], echoes: [letters(mebibyte)] },
  { name: 'takes a binary message of 1 MiB', send: [binary(everyByte(mebibyte))], echoes: [everyByte(mebibyte)] },
  {
    name: 'takes 1 MiB in 64 fragments',
    send: fragments(opcodes.binary, Array<Buffer>(64).fill(everyByte(16_384))),
    echoes: [Buffer.concat(Array<Buffer>(64).fill(everyByte(16_384)))],
  },
  { name: 'refuses a text of 1 MiB and a byte', send: [text(letters(mebibyte + 1))], closes: tooLarge },
  { name: 'refuses a binary message of 1 MiB and a byte', send: [binary(everyByte(mebibyte + 1))], closes: tooLarge },
  {
    name: 'refuses a text of fewer than 1 Mi characters and more than 1 MiB',
    send: [text('ä'.repeat(mebibyte / 2 + 1))],
    closes: tooLarge,
  },
  {
    name: 'refuses fragments of more than 1 MiB together',
    send: fragments(opcodes.text, [letters(700_000), letters(700_000)]),
    closes: tooLarge,
  },
  { name: 'refuses a text of 4 MiB', send: [text(letters(4 * mebibyte))], closes: tooLarge },
  {
    name: 'refuses a frame that claims 4 MiB and a byte at its header',
    send: [text('').subarray(0, 1), claim(4 * mebibyte + 1)],
    closes: tooBig,
  },
  {
    name: 'refuses fragments of more than 4 MiB together before the last of them',
    send: fragments(opcodes.binary, Array<Buffer>(6).fill(everyByte(mebibyte))).slice(0, 5),
    closes: tooBig,
  },
  {
    name: 'answers what came before a message that is too large',
    send: [text('small'), ping('alive'), text(letters(mebibyte + 1))],
    echoes: ['small'],
    pongs: ['alive'],
    closes: tooLarge,
  },
  {
    name: 'answers what came before a close frame in the same segment as a large message',
    send: [text(letters(mebibyte)), close(1000)],
    echoes: [letters(mebibyte)],
    closes: { code: 1000, reason: '' },
  },
]

/** A 64-bit length and a mask, without payload. */
function claim(length: number): Buffer {
  return buildFrame({ opcode: opcodes.text, claimedLength: BigInt(length) }).subarray(1)
}

export const framing = {
  'lengths (RFC 6455 5.2)': lengths,
  'forms of length (5.2)': lengthForms,
  'reserved bits (5.2)': reserved,
  'reserved opcodes (5.2)': unknownOpcodes,
  'masks (5.1, 5.3)': masks,
  'sizes (10.4)': sizes,
}
