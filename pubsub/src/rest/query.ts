/** Parameters of a URL: names count without case, as everywhere on the real service (spec 1.1). */
export type Query = ReadonlyMap<string, readonly string[]>

/** `search`: without the question mark. Broken percent escapes stay as they are. */
export function readQuery(search: string): Query {
  const query = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(search)) {
    const key = name.toLowerCase()
    const values = query.get(key)
    if (values) values.push(value)
    else query.set(key, [value])
  }
  return query
}

/** `name`: in lower case, here and below. */
export const allOf = (query: Query, name: string): readonly string[] => query.get(name) ?? []

/** An empty one counts as absent. */
export const oneOf = (query: Query, name: string): string | undefined => query.get(name)?.[0] || undefined
