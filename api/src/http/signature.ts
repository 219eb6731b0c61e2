/**
 * Whether `header` (`ce-signature`: `sha256=<hex>`, several by comma) holds a signature of the connection id by one of
 * `keys`. A key is its UTF-8 bytes, never decoded. Comparing takes the same time wherever the first wrong byte is.
 */
export async function hasValidSignature(
  header: string | null,
  { connectionId, keys }: { connectionId: string; keys: readonly string[] },
): Promise<boolean> {
  const signatures = (header ?? '').split(',', maxSignatures).flatMap(parseSignature)
  const message = new TextEncoder().encode(connectionId)
  const checks = keys.map(async (key) => {
    const hmac = await importKey(key)
    return Promise.all(signatures.map((signature) => crypto.subtle.verify('HMAC', hmac, signature, message)))
  })
  return (await Promise.all(checks)).flat().includes(true)
}

/** The service sends one per key, and has two keys. */
const maxSignatures = 8

function parseSignature(text: string): Uint8Array<ArrayBuffer>[] {
  const hex = /^\s*sha256=([0-9a-f]{64})\s*$/i.exec(text)?.[1]
  return hex === undefined ? [] : [Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))]
}

const importKey = (key: string) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
