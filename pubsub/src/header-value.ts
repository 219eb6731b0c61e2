const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** What a header value says: it arrives as one character for each byte, and is UTF-8, or Latin-1 where it is not. */
export function fromHeaderValue(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value
  try {
    return strictUtf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    // not UTF-8: then it was Latin-1, as older programs write it
    return value
  }
}
