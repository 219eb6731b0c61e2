import { buildFrame } from '../../src/testing/raw-client.ts'
import { binary, close, type FrameCase, fragments, opcodes, ping, pong, text } from '../run-case.ts'
import { emptyEcho } from '../subject.ts'

const protocolError = { code: 1002 }
const letters = (length: number) => 'x'.repeat(length)
const begin = (payload: string, opcode: number = opcodes.text) => buildFrame({ opcode, payload, isFinal: false })
const proceed = (payload: string) => buildFrame({ opcode: opcodes.continuation, payload, isFinal: false })
const finish = (payload: string) => buildFrame({ opcode: opcodes.continuation, payload })
const controls = { close: opcodes.close, ping: opcodes.ping, pong: opcodes.pong }

/** RFC 6455 5.5, 5.5.2, 5.5.3. */
const pings: FrameCase[] = [
  { name: 'answers a ping without payload', send: [ping('')], pongs: [''] },
  ...[1, 2, 124, 125].map((length) => ({
    name: `answers a ping of ${length} bytes with the same`,
    send: [ping(letters(length))],
    pongs: [letters(length)],
  })),
  {
    name: 'answers a ping of bytes that are no UTF-8 with the same',
    send: [ping(Buffer.from([0, 255, 254, 253, 252, 251, 0, 255]))],
    pongs: [Buffer.from([0, 255, 254, 253, 252, 251, 0, 255])],
  },
  {
    name: 'answers ten pings in order',
    send: Array.from({ length: 10 }, (_, at) => ping(`${at}`)),
    pongs: Array.from('0123456789'),
  },
  {
    name: 'answers a ping before and after a text',
    send: [ping('1'), text('a'), ping('2')],
    echoes: ['a'],
    pongs: ['1', '2'],
  },
  { name: 'takes a pong that nobody asked for', send: [pong('unasked')] },
  { name: 'takes a pong without payload', send: [pong('')] },
  { name: 'takes a pong of 125 bytes', send: [pong(letters(125))] },
  {
    name: 'takes ten pongs and answers the ping after them',
    send: [...Array<Buffer>(10).fill(pong('x')), ping('p')],
    pongs: ['p'],
  },
]

/** RFC 6455 5.5: control frames are short and whole. */
const controlFrames: FrameCase[] = Object.entries(controls).flatMap(([name, opcode]) => {
  const tooLong = [126, 127, 65_536].map((length) => ({
    name: `refuses a ${name} frame of ${length} bytes`,
    send: [buildFrame({ opcode, payload: letters(length) })],
    closes: protocolError,
  }))
  return tooLong.concat([
    {
      name: `refuses a ${name} frame that is not final`,
      send: [buildFrame({ opcode, payload: Buffer.from([3, 232]), isFinal: false })],
      closes: protocolError,
    },
    {
      name: `refuses a ${name} frame in two fragments`,
      send: [buildFrame({ opcode, payload: Buffer.from([3]), isFinal: false }), finish('x')],
      closes: protocolError,
    },
    {
      name: `refuses a ${name} frame that is not final inside a message`,
      send: [begin('a'), buildFrame({ opcode, isFinal: false }), finish('b')],
      closes: protocolError,
    },
  ])
})

const many = Array.from({ length: 50 }, (_, at) => `${at},`)

/** RFC 6455 5.4. */
const fragmentation: FrameCase[] = [
  { name: 'joins two fragments of text', send: fragments(opcodes.text, ['one ', 'two']), echoes: ['one two'] },
  {
    name: 'joins two fragments of bytes',
    send: fragments(opcodes.binary, ['one ', 'two']),
    echoes: [Buffer.from('one two')],
  },
  { name: 'joins three fragments', send: fragments(opcodes.text, ['a', 'b', 'c']), echoes: ['abc'] },
  { name: 'joins fifty fragments', send: fragments(opcodes.text, many), echoes: [many.join('')] },
  {
    name: 'joins a fragment for each byte',
    send: fragments(opcodes.text, Array.from('fragment')),
    echoes: ['fragment'],
  },
  {
    name: 'joins empty fragments to an empty message',
    send: fragments(opcodes.text, ['', '', '']),
    echoes: [emptyEcho],
  },
  { name: 'joins an empty first fragment', send: fragments(opcodes.text, ['', 'a']), echoes: ['a'] },
  { name: 'joins an empty last fragment', send: fragments(opcodes.text, ['a', '']), echoes: ['a'] },
  { name: 'joins an empty fragment in the middle', send: fragments(opcodes.text, ['a', '', 'b']), echoes: ['ab'] },
  {
    name: 'joins fragments of 65,536 bytes',
    send: fragments(opcodes.text, [letters(65_536), letters(65_536)]),
    echoes: [letters(131_072)],
  },
  {
    name: 'joins message after message',
    send: [...fragments(opcodes.text, ['a', 'b']), ...fragments(opcodes.binary, ['c', 'd'])],
    echoes: ['ab', Buffer.from('cd')],
  },
  {
    name: 'takes a whole message after a fragmented one',
    send: [...fragments(opcodes.text, ['a', 'b']), text('c')],
    echoes: ['ab', 'c'],
  },
  {
    name: 'answers a ping between two fragments',
    send: [begin('a'), ping('p'), finish('b')],
    echoes: ['ab'],
    pongs: ['p'],
  },
  {
    name: 'answers a ping between two fragments of bytes',
    send: [begin('a', opcodes.binary), ping('p'), finish('b')],
    echoes: [Buffer.from('ab')],
    pongs: ['p'],
  },
  {
    name: 'answers pings between all fragments',
    send: [begin('a'), ping('1'), proceed('b'), ping('2'), ping('3'), proceed('c'), finish('d')],
    echoes: ['abcd'],
    pongs: ['1', '2', '3'],
  },
  {
    name: 'answers a ping of 125 bytes between fragments',
    send: [begin('a'), ping(letters(125)), finish('b')],
    echoes: ['ab'],
    pongs: [letters(125)],
  },
  { name: 'takes a pong between two fragments', send: [begin('a'), pong('p'), finish('b')], echoes: ['ab'] },
  { name: 'answers a ping while a message is never finished', send: [begin('a'), ping('p')], pongs: ['p'] },
  { name: 'waits for the end of a message', send: [begin('a'), proceed('b')] },
  {
    name: 'closes on a close frame between two fragments',
    send: [begin('a'), close(1000), finish('b')],
    closes: { code: 1000, reason: '' },
  },
  { name: 'refuses a continuation that continues nothing', send: [finish('a')], closes: protocolError },
  { name: 'refuses an unfinished continuation that continues nothing', send: [proceed('a')], closes: protocolError },
  { name: 'refuses an empty continuation that continues nothing', send: [finish('')], closes: protocolError },
  {
    name: 'refuses a continuation after a whole message',
    send: [text('a'), finish('b')],
    echoes: ['a'],
    closes: protocolError,
  },
  {
    name: 'refuses a continuation after the last fragment',
    send: [...fragments(opcodes.text, ['a', 'b']), finish('c')],
    echoes: ['ab'],
    closes: protocolError,
  },
  { name: 'refuses a continuation after a ping', send: [ping('p'), finish('a')], pongs: ['p'], closes: protocolError },
  { name: 'refuses a text inside a text', send: [begin('a'), text('b'), finish('c')], closes: protocolError },
  { name: 'refuses a binary message inside a text', send: [begin('a'), binary('b')], closes: protocolError },
  {
    name: 'refuses a text inside a binary message',
    send: [begin('a', opcodes.binary), text('b')],
    closes: protocolError,
  },
  { name: 'refuses the beginning of a message inside another', send: [begin('a'), begin('b')], closes: protocolError },
  { name: 'refuses an empty text inside a text', send: [begin('a'), text('')], closes: protocolError },
]

const normal = { code: 1000, reason: '' }
const legalCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
]
const illegalCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65_535]

/** RFC 6455 5.5.1, 7.1, 7.4. */
const closing: FrameCase[] = [
  {
    name: 'answers a close frame without payload with one',
    send: [buildFrame({ opcode: opcodes.close })],
    closes: { code: 'none' },
  },
  ...legalCodes.map((code) => ({
    name: `echoes close code ${code}`,
    send: [close(code)],
    closes: { code, reason: '' },
  })),
  ...legalCodes.map((code) => ({
    name: `echoes close code ${code} with its reason`,
    send: [close(code, 'because')],
    closes: { code, reason: 'because' },
  })),
  ...illegalCodes.map((code) => ({
    name: `refuses close code ${code}`,
    send: [close(code, 'because')],
    closes: protocolError,
  })),
  {
    name: 'refuses a close frame of one byte',
    send: [buildFrame({ opcode: opcodes.close, payload: 'x' })],
    closes: protocolError,
  },
  {
    name: 'echoes a reason of 123 bytes',
    send: [close(1000, letters(123))],
    closes: { code: 1000, reason: letters(123) },
  },
  { name: 'refuses a reason of 124 bytes', send: [close(1000, letters(124))], closes: protocolError },
  {
    name: 'echoes a reason in UTF-8',
    send: [close(1000, 'schön 日本 🙂')],
    closes: { code: 1000, reason: 'schön 日本 🙂' },
  },
  { name: 'refuses a reason that is no UTF-8', send: [close(1000, Buffer.from([0xff]))], closes: { code: 1007 } },
  {
    name: 'refuses a reason that ends inside a character',
    send: [close(1000, Buffer.from([0x61, 0xe2, 0x82]))],
    closes: { code: 1007 },
  },
  {
    name: 'refuses a reason with a surrogate',
    send: [close(1000, Buffer.from([0xed, 0xa0, 0x80]))],
    closes: { code: 1007 },
  },
  { name: 'ignores a text after the close frame', send: [close(1000), text('late')], closes: normal },
  { name: 'ignores a ping after the close frame', send: [close(1000), ping('late')], closes: normal },
  { name: 'ignores a second close frame', send: [close(1000), close(1001)], closes: normal },
  { name: 'ignores nonsense after the close frame', send: [close(1000), Buffer.from([255, 255, 255])], closes: normal },
  {
    name: 'answers what came before the close frame',
    send: [text('last words'), close(1000)],
    echoes: ['last words'],
    closes: normal,
  },
  { name: 'answers a ping before the close frame', send: [ping('p'), close(1000)], pongs: ['p'], closes: normal },
  { name: 'ignores what follows a violation', send: [finish('a'), text('b'), ping('c')], closes: protocolError },
]

export const messages = {
  'pings and pongs (RFC 6455 5.5)': pings,
  'control frames (5.5)': controlFrames,
  'fragmentation (5.4)': fragmentation,
  'closing (5.5.1, 7)': closing,
}
