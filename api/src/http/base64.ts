/** Base64 of the UTF-8 text, and back; `undefined` for what is neither. */
export function decodeBase64(encoded: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    // Not base64, and not UTF-8.
    if (error instanceof DOMException || error instanceof TypeError) return undefined
    throw error
  }
}

export function encodeBase64(text: string): string {
  const characters = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return btoa(characters.join(''))
}
