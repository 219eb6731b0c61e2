/** Below this many bytes a view of words costs more than it saves. */
const worthWordsBytes = 1_024

/**
 * Takes the mask, the four bytes before `start`, off the bytes up to `end`, in place (RFC 6455 5.3): 32 bits at a time
 * where that pays.
 */
export function unmask(bytes: Buffer, start: number, end: number): void {
  let mask = bytes.readInt32LE(start - 4)
  let at = start
  if (end - start >= worthWordsBytes) {
    const aligned = start + (-(bytes.byteOffset + start) & 3)
    for (; at < aligned; at++) {
      bytes[at] = (bytes[at] ?? 0) ^ mask
      mask = rotate(mask)
    }
    at += unmaskWords(new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2), mask)
  }
  for (; at < end; at++) {
    bytes[at] = (bytes[at] ?? 0) ^ mask
    mask = rotate(mask)
  }
}

const rotate = (mask: number) => (mask >>> 8) | (mask << 24)

/** Returns how many bytes that were. The mask begins each word anew, so it is the same after the last. */
function unmaskWords(words: Int32Array, mask: number): number {
  for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) ^ mask
  return words.length * 4
}
