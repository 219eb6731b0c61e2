/** Bytes that come piece by piece. It grows with what came, not with what was announced. */
export interface Collected {
  /** Its first `length` bytes count. */
  bytes: Buffer
  length: number
  /** How many there will be, as far as is known. */
  needed: number
  /** How many of them somebody looked at. */
  checked: number
}

const firstBytes = 256

/** What is in `source` from `at` on, and room for more. */
export function collect(source: Buffer, at: number, needed: number): Collected {
  const collected: Collected = { bytes: empty, length: 0, needed, checked: 0 }
  appendBytes(collected, source, at)
  return collected
}

const empty = Buffer.alloc(0)

export const collectedBytes = ({ bytes, length }: Collected): Buffer => bytes.subarray(0, length)

/** Takes from `source` what is still needed, and returns how much that was. */
export function appendBytes(collected: Collected, source: Buffer, at: number): number {
  const { length, needed } = collected
  const taken = Math.min(needed - length, source.length - at)
  if (length + taken > collected.bytes.length) {
    const room = Math.max(firstBytes, length + taken, Math.min(needed, collected.bytes.length * 2))
    const grown = Buffer.allocUnsafeSlow(room)
    grown.set(collected.bytes.subarray(0, length))
    collected.bytes = grown
  }
  collected.bytes.set(source.subarray(at, at + taken), length)
  collected.length += taken
  return taken
}
