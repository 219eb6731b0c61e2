/** A string property holds 64 KB, which is 32,768 UTF-16 units. */
const chunkLength = 32_000

/** A text of any length as properties: `name`, and what does not fit there in `name1`, `name2` … */
export function spread(name: string, text: string): Record<string, string> {
  const chunks: Record<string, string> = {}
  let from = 0
  for (let index = 0; index === 0 || from < text.length; index++) {
    const to = endOfChunk(text, from)
    chunks[propertyAt(name, index)] = text.slice(from, to)
    from = to
  }
  return chunks
}

/** The text that `spread` laid out; `undefined` where there is none. */
export function gather(name: string, row: Readonly<Record<string, unknown>>): string | undefined {
  let text: string | undefined
  for (let index = 0; ; index++) {
    const chunk = row[propertyAt(name, index)]
    if (typeof chunk !== 'string') return text
    text = (text ?? '') + chunk
  }
}

const propertyAt = (name: string, index: number) => (index === 0 ? name : `${name}${index}`)

/** A pair of surrogates that was cut in two would not survive the way to the storage. */
function endOfChunk(text: string, from: number): number {
  const to = from + chunkLength
  return to < text.length && /[\uD800-\uDBFF]/.test(text.charAt(to - 1)) ? to - 1 : to
}
