/** "Ben" of "Ben Green". */
export const firstName = (name: string) => name.split(' ')[0] ?? name

/** "Ben Green", "Ben and Mia", "Ben, Mia and Zoe", "Ben, Mia and 3 others": alone in full, together by first names. */
export function listNames(names: readonly string[]): string {
  const [only = ''] = names
  if (names.length < 2) return only
  const short = names.map(firstName)
  if (names.length > 3) return `${short[0]}, ${short[1]} and ${names.length - 2} others`
  return `${short.slice(0, -1).join(', ')} and ${short.at(-1)}`
}
