import type { GroupNames } from './filter.ts'

export type Value = string | number | boolean | null | GroupNames
export type Type = 'string' | 'int' | 'bool' | 'null' | 'collection'

interface FilterFunction {
  /** What each argument must be; `null` may stand for a string or a number. */
  takes: readonly (readonly Type[])[]
  /** How many of them may be left out, from the right. */
  optional?: number
  gives: Type
  /** Only called with values of the right types, none of them null. */
  apply: (...values: never[]) => Value
}

const text = ['string'] as const
const number = ['int'] as const

/**
 * The functions of spec 9.5. Of null they give null, and those that answer yes or no say no; strings are compared
 * ordinally, and their positions counted in UTF-16 units, as .NET does.
 */
export const functions: ReadonlyMap<string, FilterFunction> = new Map<string, FilterFunction>([
  ['tolower', { takes: [text], gives: 'string', apply: (it: string) => it.toLowerCase() }],
  ['toupper', { takes: [text], gives: 'string', apply: (it: string) => it.toUpperCase() }],
  ['trim', { takes: [text], gives: 'string', apply: (it: string) => it.trim() }],
  ['concat', { takes: [text, text], gives: 'string', apply: (it: string, more: string) => it + more }],
  ['substring', { takes: [text, number, number], optional: 1, gives: 'string', apply: substring }],
  ['length', { takes: [['string', 'collection']], gives: 'int', apply: length }],
  ['indexof', { takes: [text, text], gives: 'int', apply: (it: string, part: string) => it.indexOf(part) }],
  ['contains', { takes: [text, text], gives: 'bool', apply: (it: string, part: string) => it.includes(part) }],
  ['startswith', { takes: [text, text], gives: 'bool', apply: (it: string, part: string) => it.startsWith(part) }],
  ['endswith', { takes: [text, text], gives: 'bool', apply: (it: string, part: string) => it.endsWith(part) }],
])

function length(it: string | GroupNames): number {
  return typeof it === 'string' ? it.length : it.size
}

/** What lies outside of the string is cut off rather than a fault: a filter that was accepted cannot fail. */
function substring(it: string, from: number, count = Number.POSITIVE_INFINITY): string {
  const start = Math.max(0, from)
  return it.slice(start, start + Math.max(0, count))
}
