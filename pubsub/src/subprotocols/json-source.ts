/**
 * Where the values of a JSON object stand in its text. `JSON.parse` forgets what the service must keep: the sender's
 * own spelling of `data`, integers above 2^53, and whether a key came twice.
 */
export interface Member {
  key: string
  start: number
  end: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const isOpening = (char: number) => char === 0x7b || char === 0x5b
const isClosing = (char: number) => char === 0x7d || char === 0x5d

/** The members of the object that begins at `text[start]`, in order, twins included. `text` must be valid JSON. */
export function membersOf(text: string, start = 0): Member[] {
  const members: Member[] = []
  let at = skipSpace(text, text.indexOf('{', start) + 1)
  while (text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string // a JSON string, by the walk so far
    const valueStart = skipSpace(text, text.indexOf(':', keyEnd) + 1)
    const end = endOfValue(text, valueStart)
    members.push({ key, start: valueStart, end })
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === comma) at = skipSpace(text, at + 1)
  }
  return members
}

/** Whether a value holds more than `levels` arrays and objects one in the other. `text` must be valid JSON. */
export function isNestedDeeper(text: string, levels: number): boolean {
  // each level takes two characters
  if (text.length <= 2 * levels) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === quote) at = endOfString(text, at) - 1
    else if (isOpening(char) && ++depth > levels) return true
    else if (isClosing(char)) depth--
  }
  return false
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return endOfString(text, start)
  return isOpening(first) ? endOfContainer(text, start) : endOfWord(text, start)
}

/** A number, true, false or null. */
function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length && !endsWord(text.charCodeAt(at))) at++
  return at
}

const endsWord = (char: number) => char <= 0x20 || char === comma || isClosing(char)

function endOfContainer(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const char = text.charCodeAt(at)
    if (char === quote) {
      at = endOfString(text, at)
      continue
    }
    if (isOpening(char)) depth++
    else if (isClosing(char)) depth--
    at++
  } while (depth > 0)
  return at
}

function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1)
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at + 1
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++
  return backslashes % 2 === 1
}
