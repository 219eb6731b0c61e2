import type { Random } from './random.ts'

/** Makes something else from `bytes`; `other` is another valid input, for splicing. */
type Mutator = (random: Random, bytes: Buffer, other: Buffer) => Buffer

/** One to four changes, one after the other. */
export function mutate(random: Random, bytes: Buffer, other: Buffer): Buffer {
  let mutated = bytes
  for (let left = 1 + random.below(4); left > 0; left--) mutated = random.pick(mutators)(random, mutated, other)
  return mutated.subarray(0, maxBytes)
}

/** Duplications may double an input again and again. */
const maxBytes = 200_000

/** Strings that parsers trip over, put in as they are. */
export const nastyTexts = [
  '\u{0}',
  '\u{feff}',
  '\u{2028}',
  '\u{202e}',
  '\u{fffd}',
  '\u{10ffff}',
  '\\ud800',
  '\\u0000',
  '🙂',
  'İ',
  'ß',
  'ﬀ',
  '%',
  '%00',
  '%2F',
  '%252F',
  '%c0%af',
  '%zz',
  '..',
  '../',
  '//',
  '/./',
  '?',
  '#',
  '&',
  '=',
  ';',
  ':',
  '::',
  ',',
  '\r\n',
  '\n',
  '\t',
  '"',
  "'",
  "''",
  '\\',
  '{',
  '}',
  '[',
  ']',
  '[]',
  '{}',
  '<',
  '>',
  '`',
  '$',
  '*',
  '**',
  '()',
  '(',
  'null',
  'true',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '-1',
  '0.1',
  '18446744073709551615',
  '18446744073709551616',
  '9007199254740993',
  '99999999999999999999999999999999',
  '2147483648',
  '4294967296',
  '1e-7',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'webpubsub.',
  'awps_connection_id',
] as const

/** As single bytes and as words of protocols: bounds of lengths, starts of UTF-8 sequences, opcodes. */
const nastyBytes = [0, 1, 0x7f, 0x80, 0x81, 0x88, 0x89, 0x8a, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf8, 0xfe, 0xff]

const flipBit: Mutator = (random, bytes) => {
  const copy = Buffer.from(bytes)
  if (copy.length === 0) return copy
  const at = random.below(copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}

const setByte: Mutator = (random, bytes) => {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[random.below(copy.length)] = random.pick(nastyBytes)
  return copy
}

const truncate: Mutator = (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1))

const remove: Mutator = (random, bytes) => {
  const [start, end] = rangeOf(random, bytes)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

const duplicate: Mutator = (random, bytes) => {
  const [start, end] = rangeOf(random, bytes)
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
}

const repeat: Mutator = (random, bytes) => {
  const [start, end] = rangeOf(random, bytes)
  const piece = bytes.subarray(start, Math.min(end, start + 16))
  const pieces = Array<Buffer>(2 ** random.below(10)).fill(piece)
  return Buffer.concat([bytes.subarray(0, start), ...pieces, bytes.subarray(start)])
}

const splice: Mutator = (random, bytes, other) => {
  const [start, end] = rangeOf(random, other)
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at)])
}

const cross: Mutator = (random, bytes, other) =>
  Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))])

const insertText: Mutator = (random, bytes) => {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(nastyTexts)), bytes.subarray(at)])
}

const insertBytes: Mutator = (random, bytes) => {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at)])
}

/** A run of digits becomes another number. */
const changeNumber: Mutator = (random, bytes) => {
  const text = bytes.toString('latin1')
  const runs = [...text.matchAll(/\d+/g)]
  if (runs.length === 0) return insertText(random, bytes, bytes)
  const run = random.pick(runs)
  const number = random.pick([
    '0',
    '-1',
    '1',
    '126',
    '127',
    '65536',
    '4294967296',
    '1e400',
    '18446744073709551616',
    '0x10',
    '',
  ])
  return Buffer.from(text.slice(0, run.index) + number + text.slice(run.index + run[0].length), 'latin1')
}

const mutators: readonly Mutator[] = [
  flipBit,
  setByte,
  truncate,
  remove,
  duplicate,
  repeat,
  splice,
  cross,
  insertText,
  insertBytes,
  changeNumber,
]

function rangeOf(random: Random, bytes: Buffer): [number, number] {
  const one = random.below(bytes.length + 1)
  const other = random.below(bytes.length + 1)
  return [Math.min(one, other), Math.max(one, other)]
}

/** Changes the value of a JSON text somewhere in its tree: what comes out is JSON again, of another shape. */
export function mutateJson(random: Random, text: string, other: string): string {
  const root: unknown = JSON.parse(text)
  const changed = random.oneIn(12)
    ? nastyValue(random, root, JSON.parse(other))
    : changeMember(random, root, JSON.parse(other))
  const json = JSON.stringify(changed) as string | undefined // undefined for a value that JSON has no word for
  return random.oneIn(8) ? withTwin(random, json ?? 'null') : (json ?? 'null')
}

/** Repeats a member of the outermost object: `JSON.parse` takes it, others do not. */
function withTwin(random: Random, json: string): string {
  if (!json.startsWith('{"')) return json
  const member = random.pick([
    '"type":"ping"',
    '"group":"g1"',
    '"ackId":1',
    '"data":null',
    '"metadata":{"a":"b","a":"c"}',
  ])
  return `{${member},${json.slice(1)}`
}

function changeValue(random: Random, value: unknown, other: unknown): unknown {
  return random.oneIn(4) ? nastyValue(random, value, other) : changeMember(random, value, other)
}

function changeMember(random: Random, value: unknown, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return nastyValue(random, value, other)
  const entries = Object.entries(value)
  if (entries.length === 0) return nastyValue(random, value, other)
  const [key, member] = random.pick(entries)
  const change = random.below(6)
  if (change === 0) return Object.fromEntries(entries.filter(([name]) => name !== key))
  if (change === 1) return { ...value, [random.pick(nastyTexts)]: nastyValue(random, member, other) }
  if (change === 2) return { ...value, ...(typeof other === 'object' ? other : {}) }
  return { ...value, [key]: changeValue(random, member, other) }
}

type Maker = (random: Random, value: unknown, other: unknown) => unknown
const makers: readonly Maker[] = [
  (random) => random.pick(nastyTexts),
  (random) => random.pick([0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 2 ** 64, 1e308, -0, 300, 301, 1e-7]),
  (random) => random.pick([null, true, false, '', [], {}, [[]], [null], ' ']),
  (_random, value) => [value],
  (_random, value) => ({ data: value }),
  (_random, value) => String(value),
  (_random, _value, other) => other,
  (random) => 'x'.repeat(2 ** random.below(15)),
  (random, value) => nest(random, value),
  (random) => random.bytes(random.below(64)).toString('base64'),
  (random) => random.bytes(random.below(64)).toString('utf8'),
  (random) => Object.fromEntries(Array.from({ length: random.below(40) }, (_, at) => [`k${at}`, 'v'])),
]
const nastyValue: Maker = (random, value, other) => random.pick(makers)(random, value, other)

function nest(random: Random, value: unknown): unknown {
  let nested = value
  for (let depth = 2 ** random.below(11); depth > 0; depth--) nested = random.oneIn(2) ? [nested] : { a: nested }
  return nested
}
