/** Waits until `look` finds something; after ten seconds rejects with what was waited for. */
export async function until<T>(look: () => T | undefined | false, what: () => string): Promise<T> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ten seconds for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
