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
  let states = new Uint8Array(pattern.length + 1)
  enter(pattern, states, 0)
  for (let at = 0; at < name.length; at++) states = step(pattern, states, name.charCodeAt(at))
  return states[pattern.length] === 1
}

function step(pattern: RolePattern, states: Uint8Array, char: number): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(states.length)
  for (const [at, token] of pattern.entries()) {
    if (states[at] !== 1 || !accepts(token, char)) continue
    enter(pattern, after, isStar(token) ? at : at + 1)
  }
  return after
}

/** A star may also stand for nothing, so whoever stands before one stands behind it too. */
function enter(pattern: RolePattern, states: Uint8Array, from: number): void {
  let at = from
  states[at] = 1
  while (isStar(pattern[at])) states[++at] = 1
}

const isStar = (token: number | undefined) => token === many || token === manyWithDots

function accepts(token: number, char: number): boolean {
  if (token === manyWithDots) return true
  return token === one || token === many ? char !== dot : token === char
}
