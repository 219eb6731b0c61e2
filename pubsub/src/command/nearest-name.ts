/** The one of `names` that takes the fewest letters put in, taken out or changed to become `typed`. */
export const nearestName = (typed: string, names: readonly string[]): string | undefined =>
  names.toSorted((one, other) => distance(typed, one) - distance(typed, other))[0]

/** Whether two letters make it one of them: it was meant, and misspelt. */
export const isNear = (typed: string, names: readonly string[]): boolean =>
  names.some((name) => distance(typed, name) <= 2)

/** Levenshtein's distance, without regard to case. */
function distance(from: string, to: string): number {
  const [source, target] = [from.toLowerCase().split(''), to.toLowerCase().split('')]
  let above = Array.from({ length: target.length + 1 }, (_, column) => column)
  for (const [row, letter] of source.entries()) {
    const current = [row + 1]
    for (const [column, wanted] of target.entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above.at(-1) ?? 0
}
