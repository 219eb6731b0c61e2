import { wireLimits } from './limits.ts'

/** The characters of an HTTP token: a key travels as part of a header's name (spec 5.1, 10). */
const metadataKey = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Whether these may travel as the metadata of a message (spec 5.1): keys are HTTP tokens of at most 256 characters, told
 * apart by case and each there once, values have at most 1,024 characters, and all together at most 8 KiB of UTF-8.
 * Nothing at all is allowed too.
 */
export function isMetadata(entries: Iterable<readonly [key: string, value: string]>): boolean {
  const keys = new Set<string>()
  let bytes = 0
  for (const [key, value] of entries) {
    if (keys.has(key) || !isKey(key) || value.length > wireLimits.metadataValueMaxLength) return false
    keys.add(key)
    bytes += key.length + Buffer.byteLength(value)
    if (bytes > wireLimits.metadataMaxBytes) return false
  }
  return true
}

const isKey = (key: string) => key.length <= wireLimits.metadataKeyMaxLength && metadataKey.test(key)
