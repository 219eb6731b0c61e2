import { isDeepStrictEqual } from 'node:util'

/** What was expected and what came instead. */
export class Difference extends Error {
  readonly expected: string
  readonly got: string
  /** Which step of the case, where it has several. */
  readonly at: string | undefined

  constructor(expected: unknown, got: unknown, at?: string) {
    super(`expected ${show(expected)}, got ${show(got)}`)
    this.expected = show(expected)
    this.got = show(got)
    this.at = at
  }
}

/** Throws a `Difference` unless both are deeply equal. */
export function same(got: unknown, expected: unknown, at?: string): void {
  if (!isDeepStrictEqual(got, expected)) throw new Difference(expected, got, at)
}

/** Throws a `Difference` unless `got` holds, at every level, what `expected` holds; further properties do not matter. */
export function includes(got: unknown, expected: unknown, at?: string): void {
  if (!holds(got, expected)) throw new Difference(expected, got, at)
}

export function matches(got: string, pattern: RegExp, at?: string): void {
  if (!pattern.test(got)) throw new Difference(`a text like ${pattern.source}`, got, at)
}

/** Throws a `Difference` unless `action` rejects; returns what it rejected with. */
export async function rejects(action: Promise<unknown>, at?: string): Promise<Record<string, unknown>> {
  let value: unknown
  try {
    value = await action
  } catch (error) {
    if (error instanceof Difference) throw error
    return error as Record<string, unknown> // any object can be asked for properties
  }
  throw new Difference('a rejection', value === undefined ? 'success' : value, at)
}

function holds(got: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) {
    return isDeepStrictEqual(got, expected)
  }
  if (typeof got !== 'object' || got === null) return false
  const entries = Object.entries(expected)
  return entries.every(([key, value]) => holds((got as Record<string, unknown>)[key], value)) // an object has keys
}

const shownMax = 400

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > shownMax ? `${text.slice(0, shownMax)}… (${text.length} characters)` : text
}
