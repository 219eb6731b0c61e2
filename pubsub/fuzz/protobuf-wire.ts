/** Just enough of the protobuf wire format to write frames of the corpus and read those of a canary. */

export type Field = [number: number, value: number | bigint | string | Buffer | Field[]]

export function encodeFields(fields: Field[]): Buffer {
  return Buffer.concat(fields.map(([number, value]) => encodeField(number, value)))
}

function encodeField(number: number, value: Field[1]): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.isBuffer(value) ? value : encodeFields(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Buffer.from(bytes)
}

/** The fields of a message: varints as numbers, all else as bytes. Throws for what the service would never send. */
export function decodeFields(bytes: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>()
  let at = 0
  const readVarint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(value)
    }
  }
  while (at < bytes.length) {
    const tag = readVarint()
    if ((tag & 7) === 0) {
      fields.set(tag >>> 3, readVarint())
      continue
    }
    if ((tag & 7) !== 2) throw new TypeError(`wire type ${tag & 7} is not used`)
    const length = readVarint()
    fields.set(tag >>> 3, bytes.subarray(at, at + length))
    at += length
  }
  return fields
}
