import { Difference } from './expect.ts'

/**
 * Protocol Buffers by hand, so that no library of the endpoint's own decides: a message is an object of its fields by
 * number. Booleans and numbers are varints, texts and bytes are length-delimited, objects are messages.
 */
export interface Message {
  readonly [field: number]: Scalar | Message
}
type Scalar = number | bigint | boolean | string | Uint8Array

/** What a message must be; a field that is undefined may have any value. */
export interface Expected {
  readonly [field: number]: Scalar | Expected | undefined
}

export function encode(message: Message): Buffer {
  const fields = Object.entries(message).flatMap(([number, value]) => [
    varint((Number(number) << 3) | (isVarint(value) ? 0 : 2)),
    body(value),
  ])
  return Buffer.concat(fields)
}

const isVarint = (value: unknown): value is number | bigint | boolean =>
  ['number', 'bigint', 'boolean'].includes(typeof value)

function body(value: Scalar | Message): Buffer {
  if (isVarint(value)) return varint(value)
  const bytes = isBytes(value) ? toBuffer(value) : encode(value)
  return Buffer.concat([varint(bytes.length), bytes])
}

const isBytes = (value: string | Uint8Array | object): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array

const toBuffer = (value: string | Uint8Array) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value))

function varint(value: number | bigint | boolean): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}

type Decoded = Map<number, bigint | Buffer>

/** Throws for bytes that are no message, or that have a field of fixed width: the protocol has none. Of a repeated field the last counts. */
export function decode(bytes: Buffer): Decoded {
  const fields: Decoded = new Map()
  const at = { offset: 0 }
  while (at.offset < bytes.length) {
    const tag = Number(readVarint(bytes, at))
    const type = tag & 7
    if (type !== 0 && type !== 2) throw new Difference('a protobuf message', bytes.toString('hex'))
    const value = readVarint(bytes, at)
    fields.set(tag >> 3, type === 0 ? value : slice(bytes, at, Number(value)))
  }
  return fields
}

function slice(bytes: Buffer, at: { offset: number }, length: number): Buffer {
  at.offset += length
  return bytes.subarray(at.offset - length, at.offset)
}

function readVarint(bytes: Buffer, at: { offset: number }): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at.offset]
    if (byte === undefined) throw new Difference('a protobuf message', bytes.toString('hex'))
    at.offset += 1
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return value
  }
}

/** Whether the message has exactly these fields. */
export function isMessage(bytes: Buffer, expected: Expected): boolean {
  const got = decode(bytes)
  const fields = Object.entries(expected)
  return got.size === fields.length && fields.every(([number, value]) => isField(got.get(Number(number)), value))
}

function isField(field: bigint | Buffer | undefined, value: Expected[number]): boolean {
  if (field === undefined || value === undefined) return field !== undefined
  if (typeof field === 'bigint') return isVarint(value) && field === BigInt(value)
  if (isVarint(value)) return false
  return isBytes(value) ? toBuffer(value).equals(field) : isMessage(field, value)
}
