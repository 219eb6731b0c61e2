import { buildFrame } from '../../src/testing/raw-client.ts'
import { binary, type FrameCase, fragments, opcodes, ping, text } from '../run-case.ts'

const notUtf8 = { code: 1007 }
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** Valid sequences at the bounds of each length, and characters that some decoders trip over. */
const validTexts: Record<string, string> = {
  ASCII: 'hello',
  'a NUL character': '\u{0}',
  'the last of one byte': '\u{7f}',
  'the first of two bytes': '\u{80}',
  'the last of two bytes': '\u{7ff}',
  'the first of three bytes': '\u{800}',
  'the last before the surrogates': '\u{d7ff}',
  'the first after the surrogates': '\u{e000}',
  'the replacement character': '\u{fffd}',
  'noncharacter U+FFFE': '\u{fffe}',
  'noncharacter U+FFFF': '\u{ffff}',
  'the first of four bytes': '\u{10000}',
  'noncharacter U+1FFFE': '\u{1fffe}',
  'the last character there is': '\u{10ffff}',
  'a byte order mark at the start': '\u{feff}text',
  'a byte order mark alone': '\u{feff}',
  'combining marks': 'e\u{301}\u{300}\u{302}',
  'a family of joined emoji': '👩‍👩‍👧‍👦',
  'right-to-left marks': '\u{202e}abc\u{202c}',
  Greek: 'κόσμε',
  'a mix of all lengths': 'aä€🙂z',
}

const invalidBytes: Record<string, string> = {
  'a continuation byte alone (80)': '80',
  'a continuation byte alone (bf)': 'bf',
  'six continuation bytes': '80 bf 80 bf 80 bf',
  'a two-byte start alone': 'c2',
  'a two-byte start before a space': 'c2 20',
  'a three-byte start alone': 'e0',
  'a three-byte sequence without its last byte': 'e2 82',
  'a three-byte sequence cut by ASCII': 'e2 82 41',
  'a four-byte start alone': 'f0',
  'a four-byte sequence without its last byte': 'f0 9f 99',
  'a four-byte sequence cut by ASCII': 'f0 9f 41 82',
  'byte fe': 'fe',
  'byte ff': 'ff',
  'bytes fe fe ff ff': 'fe fe ff ff',
  'an overlong slash in two bytes': 'c0 af',
  'an overlong slash in three bytes': 'e0 80 af',
  'an overlong slash in four bytes': 'f0 80 80 af',
  'an overlong NUL': 'c0 80',
  'the highest overlong of two bytes': 'c1 bf',
  'the highest overlong of three bytes': 'e0 9f bf',
  'the highest overlong of four bytes': 'f0 8f bf bf',
  'a five-byte sequence': 'f8 88 80 80 80',
  'a six-byte sequence': 'fc 84 80 80 80 80',
  'the first high surrogate': 'ed a0 80',
  'the last high surrogate': 'ed af bf',
  'the first low surrogate': 'ed b0 80',
  'a pair of surrogates': 'ed a0 80 ed b0 80',
  'U+110000': 'f4 90 80 80',
  'byte f5': 'f5 80 80 80',
  'Latin-1': '73 63 68 f6 6e',
  'an error after 30 good bytes': `${'61'.repeat(30)} ff`,
  'an error after 300 good bytes': `${'61'.repeat(300)} ff ${'61'.repeat(40)}`,
}

const failsLate =
  'RFC 6455 8.1 has an endpoint fail when it finds invalid UTF-8; the engine looks once the message is whole. Nothing invalid is ever delivered, and the memory of an unfinished message is bounded.'

/** RFC 6455 5.6, 8.1. */
export const utf8 = {
  'valid UTF-8 (RFC 6455 5.6)': Object.entries(validTexts).flatMap(([name, value]): FrameCase[] => [
    { name: `takes ${name}`, send: [text(value)], echoes: [value] },
    {
      name: `takes ${name} with a fragment for each byte`,
      send: fragments(
        opcodes.text,
        Array.from(Buffer.from(value), (byte) => Buffer.from([byte])),
      ),
      echoes: [value],
    },
  ]),
  'invalid UTF-8 (8.1)': Object.entries(invalidBytes).flatMap(([name, hex]): FrameCase[] => [
    { name: `refuses ${name}`, send: [text(bytes(hex))], closes: notUtf8 },
    { name: `takes ${name} as binary`, send: [binary(bytes(hex))], echoes: [bytes(hex)] },
  ]),
  'UTF-8 across frames (5.6, 8.1)': [
    {
      name: 'refuses an error in the first of two fragments',
      send: fragments(opcodes.text, [bytes('ff'), 'a']),
      closes: notUtf8,
    },
    {
      name: 'refuses an error in the last of two fragments',
      send: fragments(opcodes.text, ['a', bytes('ff')]),
      closes: notUtf8,
    },
    {
      name: 'refuses a message that ends inside a character',
      send: fragments(opcodes.text, ['a', bytes('e2 82')]),
      closes: notUtf8,
    },
    {
      name: 'refuses a character that is continued in the next message',
      send: [text(bytes('c3')), text(bytes('a4'))],
      closes: notUtf8,
    },
    {
      name: 'takes a character around a ping that is no UTF-8',
      send: [
        buildFrame({ opcode: opcodes.text, payload: bytes('e2 82'), isFinal: false }),
        ping(bytes('ff')),
        buildFrame({ opcode: opcodes.continuation, payload: bytes('ac') }),
      ],
      echoes: ['€'],
      pongs: [bytes('ff')],
    },
    { name: 'answers what came before', send: [text('good'), text(bytes('ff'))], echoes: ['good'], closes: notUtf8 },
    ...Object.entries({
      ff: 'a byte that is none',
      'e2 82 41': 'a character that is cut',
      'ed a0': 'half a surrogate',
    }).map(([hex, what]) => ({
      name: `refuses ${what} in a message that is not finished`,
      send: [buildFrame({ opcode: opcodes.text, payload: bytes(hex), isFinal: false })],
      closes: notUtf8,
      transport: 'raw' as const,
    })),
    {
      name: 'waits for the end of a message whose first fragment is no UTF-8',
      send: [buildFrame({ opcode: opcodes.text, payload: bytes('ff'), isFinal: false })],
      transport: 'bun',
      knownDifference: failsLate,
    },
  ] satisfies FrameCase[],
}
