import { isUtf8 } from 'node:buffer'

/**
 * How many of `bytes` are whole characters of UTF-8, where the rest may be the beginning of one more; `undefined` when
 * nothing that follows could make UTF-8 of them.
 */
export function utf8PrefixLength(bytes: Uint8Array): number | undefined {
  const start = startOfOpenCharacter(bytes)
  if (!isUtf8(bytes.subarray(0, start))) return undefined
  return start === bytes.length || canBeCompleted(bytes.subarray(start)) ? start : undefined
}

const isContinuation = (byte: number) => (byte & 0xc0) === 0x80
const sizeOf = (lead: number) => (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)

/** Looks at the last three bytes, the most that a beginning has; the end where there is none. */
function startOfOpenCharacter(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 3); at--) {
    const byte = bytes[at] ?? 0
    if (isContinuation(byte)) continue
    return byte >= 0xc0 && at + sizeOf(byte) > bytes.length ? at : bytes.length
  }
  return bytes.length
}

/** Some leads want a second byte from the lower half, some from the upper: one of these two fits each of them. */
const seconds = [0x80, 0xa0]

function canBeCompleted(begun: Uint8Array): boolean {
  return seconds.some((second) => {
    const character = new Uint8Array(sizeOf(begun[0] ?? 0)).fill(0x80)
    character[1] = second
    character.set(begun)
    return isUtf8(character)
  })
}
