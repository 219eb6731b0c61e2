import { wireLimits } from './limits.ts'

/** One number per position: a UTF-16 unit that must match as it is, or one of the three wildcards. */
export type RolePattern = readonly number[]

const one = -1
const many = -2
const manyWithDots = -3
const dot = '.'.charCodeAt(0)
const escapable = new Set(['\\', '*', '?'])

/**
 * Reads the pattern of a plural role (spec 2.5): `?` one character but `.`, `*` any number but `.`, `**` any number,
 * `\` before `\`, `*` or `?` takes it literally. `undefined` for any other escape, a trailing backslash, more than
 * 1024 characters or more than 5 stars.
 */
export function parseRolePattern(text: string): RolePattern | undefined {
  if (text.length === 0 || text.length > wireLimits.patternMaxLength) return undefined
  const pattern: number[] = []
  for (let at = 0; at < text.length;) {
    const { token, length } = readToken(text, at)
    if (token === undefined) return undefined
    pattern.push(token)
    at += length
  }
  const stars = pattern.filter(isStar).length
  return stars > wireLimits.patternMaxStars ? undefined : pattern
}

/** The text that `parseRolePattern` read. */
export const formatRolePattern = (pattern: RolePattern): string => pattern.map((token) => formatToken(token)).join('')

const wildcards = new Map([
  [one, '?'],
  [many, '*'],
  [manyWithDots, '**'],
])

function formatToken(token: number): string {
  const char = String.fromCharCode(token)
  return wildcards.get(token) ?? (escapable.has(char) ? `\\${char}` : char)
}

function readToken(text: string, at: number): { token: number | undefined; length: number } {
  const char = text.charAt(at)
  const next = text.charAt(at + 1)
  if (char === '\\') return { token: escapable.has(next) ? next.charCodeAt(0) : undefined, length: 2 }
  if (char === '?') return { token: one, length: 1 }
  if (char !== '*') return { token: char.charCodeAt(0), length: 1 }
  return next === '*' ? { token: manyWithDots, length: 2 } : { token: many, length: 1 }
}

/**
 * Whether the whole of `name` matches. The work is bounded by pattern × name: group names come from anybody, and a
 * regular expression with five stars would let them choose a name that takes hours.
 */
export function matchesRolePattern(pattern: RolePattern, name: string): boolean {
  let at = 0
  for (; at < pattern.length && !isStar(pattern[at]); at++) {
    if (at === name.length || !accepts(pattern[at], name.charCodeAt(at))) return false
  }
  if (at === pattern.length) return at === name.length
  const places: Places = { isOpen: new Uint8Array(name.length + 1), low: at, high: at }
  places.isOpen[at] = 1
  for (; at < pattern.length && places.low <= places.high; at++) take(places, pattern[at], name)
  return places.isOpen[name.length] === 1
}

/** Where in the name the rest of the pattern may begin; none below `low` or above `high`. */
interface Places {
  isOpen: Uint8Array
  low: number
  high: number
}

function take(places: Places, token: number | undefined, name: string): void {
  if (isStar(token)) widen(places, token, name)
  else advance(places, token, name)
}

/** A star: from each place on as far as it reaches. */
function widen(places: Places, token: number | undefined, name: string): void {
  const { isOpen } = places
  for (let at = places.low; at < name.length; at++) {
    if (isOpen[at] === 1 && accepts(token, name.charCodeAt(at))) isOpen[at + 1] = 1
    else if (at >= places.high) return void (places.high = at)
  }
  places.high = name.length
}

/** One character: each place moves by one, or is none any more. */
function advance(places: Places, token: number | undefined, name: string): void {
  const { isOpen, low, high } = places
  places.low = name.length + 1
  places.high = -1
  for (let at = Math.min(high, name.length - 1); at >= low; at--) {
    const isNext = isOpen[at] === 1 && accepts(token, name.charCodeAt(at))
    isOpen[at + 1] = isNext ? 1 : 0
    if (!isNext) continue
    places.low = at + 1
    places.high = Math.max(places.high, at + 1)
  }
  isOpen[low] = 0
}

const isStar = (token: number | undefined) => token === many || token === manyWithDots

function accepts(token: number | undefined, char: number): boolean {
  if (token === manyWithDots) return true
  return token === one || token === many ? char !== dot : token === char
}
