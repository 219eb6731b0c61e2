/** Fills the bytes with randomness. `crypto.randomUUID` is not used: it is missing on pages served without TLS. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void

export const browserRandom: FillRandom = (bytes) => void crypto.getRandomValues(bytes)

/** RFC 9562, version 7: 48 bits of milliseconds, then randomness. Sorts by time. */
export function uuidv7(now: number, fill: FillRandom = browserRandom): string {
  const bytes = new Uint8Array(16)
  fill(bytes)
  new DataView(bytes.buffer).setUint16(0, Math.floor(now / 2 ** 32))
  new DataView(bytes.buffer).setUint32(2, now % 2 ** 32)
  return format(bytes, 7)
}

/** RFC 9562, version 4: 122 bits of randomness. */
export function uuidv4(fill: FillRandom = browserRandom): string {
  const bytes = new Uint8Array(16)
  fill(bytes)
  return format(bytes, 4)
}

function format(bytes: Uint8Array, version: number): string {
  const marked = bytes.map((byte, at) => {
    if (at === 6) return (byte & 0x0f) | (version << 4)
    return at === 8 ? (byte & 0x3f) | 0x80 : byte
  })
  const hex = Array.from(marked, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
