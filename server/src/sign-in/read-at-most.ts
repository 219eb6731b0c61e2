/**
 * The body of a request; `undefined` when it has more than `maxBytes` (the rest is not read) or its sender went away in
 * the middle of it.
 */
export async function readAtMost(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    // Only the sender's side can break here: he hung up, or sent more than the server takes at all.
    return undefined
  }
  return Buffer.concat(chunks)
}
