/** `end`: where the token stops. Faults are told by it, as the real service does ("position 14 in 'invalid filter'"). */
export type Token = { end: number } & (
  | { kind: 'text'; value: string }
  | { kind: 'integer'; value: number }
  /** In lower case: neither keywords nor names count case. */
  | { kind: 'word'; word: string }
  | { kind: '(' | ')' | ',' }
  /** `invalid`: what follows can not be read. */
  | { kind: 'end' | 'invalid' }
)

const pattern = /(?<word>[a-z_]\w*)|(?<integer>-?\d+)(?![\w.])|'(?<text>(?:[^']|'')*)'(?!')|(?<mark>[(),])/iy
const space = /\s*/y

/** The last token, and no other, is `end` or `invalid`. */
export function tokenize(text: string): [...Token[], Token] {
  const tokens: Token[] = []
  for (;;) {
    const start = endOf(space, text, tokens.at(-1)?.end ?? 0)
    pattern.lastIndex = start
    const groups = pattern.exec(text)?.groups
    const token = groups && toToken(groups, pattern.lastIndex)
    if (!token) return [...tokens, lastToken(text, start)]
    tokens.push(token)
  }
}

function endOf(sticky: RegExp, text: string, start: number): number {
  sticky.lastIndex = start
  sticky.test(text)
  return sticky.lastIndex
}

function toToken({ word, integer, text, mark }: Record<string, string | undefined>, end: number): Token | undefined {
  if (word !== undefined) return { kind: 'word', word: word.toLowerCase(), end }
  if (text !== undefined) return { kind: 'text', value: text.replaceAll("''", "'"), end }
  if (mark === '(' || mark === ')' || mark === ',') return { kind: mark, end }
  const value = Number(integer)
  return Number.isSafeInteger(value) ? { kind: 'integer', value, end } : undefined
}

/** Where a text begins that never ends, the fault is at the end of the filter. */
function lastToken(text: string, start: number): Token {
  if (start === text.length) return { kind: 'end', end: start }
  return { kind: 'invalid', end: text[start] === "'" ? text.length : start + 1 }
}
