import { wireLimits } from '../limits.ts'
import { type Token, tokenize } from './tokenize.ts'

/** What is wrong with a filter: a place, or a type. */
export type Fault = { position: number } | { actual: string; expected: string }

export type Literal = string | number | boolean | null
export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'in'

/** A filter as it is written: names and types are not looked at yet. `end`: where its last character was. */
export type Expression = { end: number } & (
  | { kind: 'literal'; value: Literal }
  | { kind: 'list'; items: Literal[] }
  | { kind: 'name'; name: string }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'not'; operand: Expression }
  /** Long chains are one node, so that only brackets nest. */
  | { kind: 'and' | 'or'; operands: Expression[] }
  | { kind: 'compare'; operator: Operator; left: Expression; right: Expression }
)

/** How deep brackets, calls and `not` may nest (spec 9.5). */
const { filterNestingMax: nestingMax } = wireLimits

const operators: ReadonlySet<string> = new Set<Operator>(['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in'])
const isOperator = (word: string): word is Operator => operators.has(word)
const constants = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const keywords = new Set(['and', 'or', 'not', ...operators])

interface Reader {
  tokens: readonly Token[]
  at: number
  depth: number
  /** The first one found. From then on only the end is read, so every loop stops. */
  fault: Fault | undefined
}

/** The grammar of spec 9.5, one function per rule. */
export function parseSyntax(text: string): { expression: Expression } | { fault: Fault } {
  const reader: Reader = { tokens: tokenize(text), at: 0, depth: 0, fault: undefined }
  const expression = readOr(reader)
  if (peek(reader).kind !== 'end') fail(reader)
  return reader.fault ? { fault: reader.fault } : { expression }
}

const nowhere: Token = { kind: 'end', end: 0 }
const peek = ({ tokens, at }: Reader, ahead = 0): Token => tokens[at + ahead] ?? tokens.at(-1) ?? nowhere

function take(reader: Reader): Token {
  const token = peek(reader)
  if (reader.at < reader.tokens.length - 1) reader.at++
  return token
}

function fail(reader: Reader): Expression {
  const { end } = peek(reader)
  reader.fault ??= { position: end }
  reader.at = reader.tokens.length - 1
  return { kind: 'literal', value: null, end }
}

const isWord = (token: Token, word: string) => token.kind === 'word' && token.word === word
const readOr = (reader: Reader) => readChain(reader, 'or', readAnd)
const readAnd = (reader: Reader) => readChain(reader, 'and', readNot)

function readChain(reader: Reader, word: 'and' | 'or', readOperand: (reader: Reader) => Expression): Expression {
  const first = readOperand(reader)
  const operands = [first]
  while (isWord(peek(reader), word)) {
    take(reader)
    operands.push(readOperand(reader))
  }
  return operands.length === 1 ? first : { kind: word, operands, end: operands.at(-1)?.end ?? 0 }
}

function readNot(reader: Reader): Expression {
  if (!isWord(peek(reader), 'not')) return readComparison(reader)
  take(reader)
  const operand = nest(reader, readNot)
  return { kind: 'not', operand, end: operand.end }
}

function nest<Read>(reader: Reader, read: (reader: Reader) => Read): Read {
  if (++reader.depth > nestingMax) fail(reader)
  const inner = read(reader)
  reader.depth--
  return inner
}

function readComparison(reader: Reader): Expression {
  const left = readPrimary(reader)
  const token = peek(reader)
  if (token.kind !== 'word' || !isOperator(token.word)) return left
  take(reader)
  const right = token.word === 'in' && startsList(reader) ? readList(reader) : readPrimary(reader)
  return { kind: 'compare', operator: token.word, left, right, end: right.end }
}

function readPrimary(reader: Reader): Expression {
  const token = peek(reader)
  if (token.kind === 'word') return readWord(reader, token)
  if (token.kind === '(') return readBrackets(reader)
  if (token.kind !== 'text' && token.kind !== 'integer') return fail(reader)
  take(reader)
  return { kind: 'literal', value: token.value, end: token.end }
}

function readWord(reader: Reader, { word, end }: Token & { kind: 'word' }): Expression {
  if (keywords.has(word)) return fail(reader)
  take(reader)
  const value = constants.get(word)
  if (value !== undefined) return { kind: 'literal', value, end }
  if (peek(reader).kind !== '(') return { kind: 'name', name: word, end }
  take(reader)
  const list = nest(reader, readArguments)
  return { kind: 'call', name: word, arguments: list, end: close(reader) }
}

function readArguments(reader: Reader): Expression[] {
  const list = [readOr(reader)]
  while (peek(reader).kind === ',') {
    take(reader)
    list.push(readOr(reader))
  }
  return list
}

function readBrackets(reader: Reader): Expression {
  take(reader)
  const inner = nest(reader, readOr)
  return { ...inner, end: close(reader) }
}

function close(reader: Reader): number {
  if (peek(reader).kind !== ')') fail(reader)
  return take(reader).end
}

/** `in ('a', 'b')`, as opposed to an expression in brackets. */
const startsList = (reader: Reader) => peek(reader).kind === '(' && literalOf(peek(reader, 1)) !== undefined

function literalOf(token: Token): Literal | undefined {
  if (token.kind === 'text' || token.kind === 'integer') return token.value
  return token.kind === 'word' ? constants.get(token.word) : undefined
}

function readList(reader: Reader): Expression {
  const items: Literal[] = []
  do {
    take(reader)
    const item = literalOf(peek(reader))
    if (item === undefined) return fail(reader)
    items.push(item)
    take(reader)
  } while (peek(reader).kind === ',')
  return { kind: 'list', items, end: close(reader) }
}
