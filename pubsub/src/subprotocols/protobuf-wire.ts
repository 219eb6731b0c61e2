import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { AckId } from './subprotocol.ts'

/**
 * How the value of a field is read. `before`: what the same field held earlier in the same message; a scalar is replaced
 * by the later one, a message is merged with it. Throws on everything that is not well-formed.
 */
export interface Kind<Value> {
  wireType: WireType
  read(reader: BinaryReader, before: Value | undefined): Value
}

interface MessageKind<Value> extends Kind<Value> {
  /** Reads all fields up to the position `end`. */
  readTo(reader: BinaryReader, end: number, before: Value | undefined): Value
}

/** The fields of a message by name, each with its number and kind. */
type FieldTable<Fields> = { [Name in keyof Fields]: readonly [number: number, kind: Kind<Fields[Name]>] }

/** Which field of a oneof is set, and its value. */
export type OneOf<Fields> = { [Name in keyof Fields]: { name: Name; value: Fields[Name] } }[keyof Fields]

/** UTF-8, strictly: proto3 allows no other string. */
export const text: Kind<string> = { wireType: WireType.LengthDelimited, read: (reader) => reader.string(true) }

/** A view into the frame, not a copy. */
export const bytes: Kind<Uint8Array> = { wireType: WireType.LengthDelimited, read: (reader) => reader.bytes() }

export const bool: Kind<boolean> = { wireType: WireType.Varint, read: (reader) => reader.bool() }

/** For `uint32` fields too: their bounds are checked by who reads the message, on the number as it was sent. */
export const uint64: Kind<AckId> = { wireType: WireType.Varint, read: readUint64 }

/** A bigint where a number would lose digits. */
function readUint64(reader: BinaryReader): AckId {
  const start = reader.pos
  const low = reader.uint32()
  if (reader.pos - start < 5) return low // at most 28 bits: `uint32` dropped none
  reader.pos = start
  const value = BigInt(reader.uint64())
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** A message of independent fields. Unknown ones are skipped; a known one of another wire type is refused. */
export function message<Fields extends object>(table: FieldTable<Fields>): MessageKind<Partial<Fields>> {
  const fields = byNumber(table)
  return subMessage((reader, end, draft = {}) => {
    for (let field = nextField(reader, end, fields); field; field = nextField(reader, end, fields)) {
      draft[field.name] = field.kind.read(reader, draft[field.name])
    }
    return draft
  })
}

/** A message that is one oneof: of several fields the last counts, and the same one again is merged. */
export function oneof<Fields extends object>(table: FieldTable<Fields>): MessageKind<OneOf<Fields> | undefined> {
  const fields = byNumber(table)
  return subMessage((reader, end, before) => {
    let set = before
    for (let field = nextField(reader, end, fields); field; field = nextField(reader, end, fields)) {
      const { name, kind } = field
      set = { name, value: kind.read(reader, set?.name === name ? set.value : undefined) }
    }
    return set
  })
}

const subMessage = <Value>(readTo: MessageKind<Value>['readTo']): MessageKind<Value> => ({
  wireType: WireType.LengthDelimited,
  readTo,
  read(reader, before) {
    const length = reader.uint32()
    return readTo(reader, reader.pos + length, before)
  },
})

interface Field<Fields> {
  name: keyof Fields
  kind: Kind<Fields[keyof Fields]>
}
type FieldsByNumber<Fields> = readonly (Field<Fields> | undefined)[]

function byNumber<Fields extends object>(table: FieldTable<Fields>): FieldsByNumber<Fields> {
  const fields: (Field<Fields> | undefined)[] = []
  for (const name in table) {
    const [number, kind] = table[name]
    while (fields.length <= number) fields.push(undefined)
    fields[number] = { name, kind: kind as unknown as Kind<Fields[keyof Fields]> } // name and kind are a pair
  }
  return fields
}

/** The next known field of a message, its tag read; `undefined` at the message's end. */
function nextField<Fields>(reader: BinaryReader, end: number, fields: FieldsByNumber<Fields>) {
  while (reader.pos < end) {
    const [number, wireType] = reader.tag()
    const field = number < fields.length ? fields[number] : undefined
    if (!field) skip(reader, wireType, number)
    else if (field.kind.wireType === wireType) return field
    else throw new Error(`field ${number} has the wire type ${wireType}`)
  }
  if (reader.pos > end) throw new Error('a field is longer than its message')
  return undefined
}

/** Deep enough for everybody who ever sent a group, and far from the end of the stack. */
const groupDepthMax = 32

function skip(reader: BinaryReader, wireType: WireType, number: number): void {
  // the library's own skip takes a number of any length
  if (wireType === WireType.Varint) reader.uint32()
  else reader.skip(wireType, number, groupDepthMax)
}

/** Reads a whole frame as one message. Throws where it is not well-formed. */
export const readWhole = <Value>(frame: Uint8Array, kind: MessageKind<Value>): Value =>
  kind.readTo(new BinaryReader(frame), frame.length, undefined)
