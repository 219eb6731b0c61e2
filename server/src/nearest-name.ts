/** The one of `names` that takes the fewest letters put in, taken out or changed to become `typed`. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => editDistance(typed, a) - editDistance(typed, b))[0]
}

/** Levenshtein's, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const change = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
