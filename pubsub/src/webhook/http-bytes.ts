/** Bytes that come in pieces, however small they are: they are copied into one buffer that doubles as it fills. */
export function createBytes() {
  let buffer: Buffer = Buffer.alloc(0)
  let length = 0
  let isOwn = false
  return {
    get length() {
      return length
    },
    add(piece: Buffer): void {
      if (length === 0) {
        // most come in one piece, which needs no copy
        buffer = piece
      } else {
        if (!isOwn || buffer.byteLength < length + piece.byteLength) {
          const larger = Buffer.allocUnsafe(Math.max(2 * length, length + piece.byteLength, 4_096))
          buffer.copy(larger, 0, 0, length)
          buffer = larger
          isOwn = true
        }
        piece.copy(buffer, length)
      }
      length += piece.byteLength
    },
    /** Counts bytes that nobody wants. */
    skip(count: number): void {
      length += count
    },
    whole: (): Buffer => buffer.subarray(0, length),
  }
}
