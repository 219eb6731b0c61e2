import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { wireLimits } from '../limits.ts'
import { type FilterSubject, parseFilter } from './filter.ts'

const { filterMaxLength, filterNestingMax: nestingMax } = wireLimits

interface Person {
  userId?: string
  connectionId?: string
  groups?: string[]
  protocol?: string
}

const subject = ({ userId, connectionId = 'c1', groups = [], protocol }: Person): FilterSubject => ({
  userId,
  connectionId,
  groups: new Set(groups),
  protocol,
})

function matches(text: string, person: Person = {}): boolean {
  const filter = parseFilter(text)
  if (!filter.ok) throw new Error(filter.message)
  return filter.matches(subject(person))
}

function messageOf(text: string): string {
  const filter = parseFilter(text)
  return filter.ok ? 'accepted' : filter.message
}

const syntaxError = (text: string, position: number) =>
  `Invalid syntax for '${text}': Syntax error at position ${position} in '${text}'. (Parameter 'filter')`
const typeError = (text: string, actual: string, expected: string) =>
  `Invalid syntax for '${text}': Type '${actual}', expect '${expected}'. (Parameter 'filter')`

const both = ['groupA', 'groupB']

describe('a filter', () => {
  it.each<[string, Person, boolean]>([
    ['userId eq null', {}, true],
    ['userId eq null', { userId: 'a' }, false],
    ["userId ne 'user1'", { userId: 'user1' }, false],
    ["userId ne 'user1'", {}, true],
    ["userId eq 'user 1'", { userId: 'user 1' }, true],
    ["userId eq 'o''x'", { userId: "o'x" }, true],
    ["userId eq 'Alice'", { userId: 'alice' }, false],
    ["USERID EQ 'a' AND TRUE", { userId: 'a' }, true],
    ["'groupA' in groups and not('groupB' in groups)", { groups: ['groupA'] }, true],
    ["'groupA' in groups and not('groupB' in groups)", { groups: both }, false],
    ["'groupA' in groups and 'groupB' in groups", { groups: both }, true],
    ["userId in ('a', 'b')", { userId: 'b' }, true],
    ["userId in('a')", { userId: 'b' }, false],
    ["userId in ('a', null)", {}, true],
    ['length(groups) in (1, 2)', { groups: both }, true],
    ['(userId) in (groups)', { userId: 'groupA', groups: both }, true],
    ['userId in groups', { groups: ['null'] }, false],
    ["connectionId eq 'c1'", {}, true],
    ["protocol eq 'json.webpubsub.azure.v1'", { protocol: 'json.webpubsub.azure.v1' }, true],
    ['protocol eq null', {}, true],
    ['true', {}, true],
    ['false', {}, false],
    ['not not true', {}, true],
    ['not true or true', {}, true],
    ['false and false or true', {}, true],
    ['false and (false or true)', {}, false],
    ["not userId eq 'a'", { userId: 'b' }, true],
    ['length(userId) gt 2', { userId: 'abc' }, true],
    ['length(userId) ge 3 and length(userId) le 3', { userId: 'abc' }, true],
    ['length(userId) lt -1', { userId: 'abc' }, false],
    ['length(userId) gt 2 or length(userId) le 2', {}, false],
    ['1 lt null', {}, false],
    ["tolower(userId) eq 'ab' and toupper(userId) eq 'AB'", { userId: 'aB' }, true],
    ["trim(concat('  ', userId)) eq 'x'", { userId: 'x ' }, true],
    ["substring(userId, 1) eq 'bcd' and substring(userId, 1, 2) eq 'bc'", { userId: 'abcd' }, true],
    ["substring(userId, 9) eq '' and substring(userId, -2, 1) eq 'a'", { userId: 'abcd' }, true],
    ["indexof(userId, 'c') eq 2 and indexof(userId, 'z') eq -1", { userId: 'abcd' }, true],
    ["contains(userId, 'bc') and startswith(userId, 'ab') and endswith(userId, 'cd')", { userId: 'abcd' }, true],
    ["contains(userId, 'a')", {}, false],
    ["not contains(userId, 'a')", {}, true],
    ['tolower(userId) eq null', {}, true],
    ['userId eq 1', { userId: '1' }, false],
    ['\tuserId\neq  null ', {}, true],
  ])('%s of %j is %p', (text, person, expected) => {
    expect(matches(text, person)).toBe(expected)
  })

  it.each<[string, number]>([
    ['invalid filter', 14],
    ['invalid', 7],
    ['', 0],
    ['userId', 6],
    ['userId eq', 9],
    ['userId eq null $', 16],
    ["userId eq 'open", 15],
    ["userId eq 'open''", 17],
    ["userId eq 'a' eq true", 16],
    ['(true', 5],
    ['true)', 5],
    ["nothing(userId) eq 'a'", 15],
    ['length(userId, userId) eq 1', 22],
    ["substring('a') eq 'a'", 14],
    ['length() eq 1', 8],
    ["('a', 'b') eq 'a'", 5],
    ["userId in ('a', userId)", 22],
    ["userId in ('a', 'b'", 19],
    ['and true', 3],
    ['1.5 eq 2', 1],
    ['99999999999999999999 eq 2', 1],
    ['12abc eq 2', 1],
    ['true or', 7],
  ])('%s has its fault at position %p', (text, position) => {
    const expected = text === 'userId' ? typeError(text, 'string', 'bool') : syntaxError(text, position)
    expect(messageOf(text)).toBe(expected)
  })

  it.each([
    ['userId lt 1', 'string', 'int'],
    ["1 gt 'a'", 'string', 'int'],
    ['not userId', 'string', 'bool'],
    ['null', 'null', 'bool'],
    ['groups', 'collection', 'bool'],
    ['length(groups)', 'int', 'bool'],
    ['length(1) eq 1', 'int', 'string'],
    ['tolower(groups) eq null', 'collection', 'string'],
    ["'a' in 'b'", 'string', 'collection'],
    ['1 in groups', 'int', 'string'],
    ['true and 1', 'int', 'bool'],
  ])('%s has type %s where %s is expected', (text, actual, expected) => {
    expect(messageOf(text)).toBe(typeError(text, actual, expected))
  })

  it('nests a hundred deep and not deeper, whatever nests', () => {
    const nested = [
      (depth: number) => `${'('.repeat(depth)}true${')'.repeat(depth)}`,
      (depth: number) => `${'not '.repeat(depth)}true`,
      (depth: number) => `${'concat('.repeat(depth)}'a'${", 'a')".repeat(depth)} ne null`,
    ]
    for (const make of nested) {
      expect(parseFilter(make(nestingMax)).ok).toBe(true)
      expect(messageOf(make(nestingMax + 1))).toContain('Syntax error at position')
    }
  })

  it('is of any length up to its limit', () => {
    const long = `true${' and true'.repeat((filterMaxLength - 4) / 9)}`
    expect(matches(long)).toBe(true)
    expect(messageOf(`${long}${' '.repeat(filterMaxLength)}`)).toContain(`position ${filterMaxLength}`)
    for (const piece of ['(', 'not ', "'", 'a(', 'true or ', "'' in ('',", '-', ' ']) {
      expect(parseFilter(piece.repeat(filterMaxLength / piece.length)).ok).toBe(false)
    }
  })
})

/** An expression of the model: how it is written, and what it means. */
interface Modelled<T> {
  text: string
  value: (person: Required<Omit<Person, 'userId' | 'protocol'>> & Person) => T
}

const word = fc.string({ unit: fc.constantFrom('a', 'B', "'", ' ', 'é', '(', 'é'.normalize('NFD')), maxLength: 4 })
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`

const { condition } = fc.letrec<{
  text: Modelled<string | null>
  number: Modelled<number | null>
  condition: Modelled<boolean>
}>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    word.map((value): Modelled<string | null> => ({ text: quote(value), value: () => value })),
    fc.constant<Modelled<string | null>>({ text: 'userId', value: ({ userId = null }) => userId }),
    fc.constant<Modelled<string | null>>({ text: 'null', value: () => null }),
    fc.tuple(tie('text'), tie('text')).map(([one, other]): Modelled<string | null> => ({
      text: `concat(${one.text},${other.text})`,
      value: (it) => {
        const [a, b] = [one.value(it), other.value(it)]
        return a === null || b === null ? null : a + b
      },
    })),
    tie('text').map((inner): Modelled<string | null> => ({
      text: `ToUpper( ${inner.text} )`,
      value: (it) => inner.value(it)?.toUpperCase() ?? null,
    })),
  ),
  number: fc.oneof(
    fc.integer({ min: -3, max: 6 }).map((value): Modelled<number | null> => ({ text: `${value}`, value: () => value })),
    fc.constant<Modelled<number | null>>({ text: 'length(groups)', value: ({ groups }) => groups.length }),
    tie('text').map((inner): Modelled<number | null> => ({
      text: `length(${inner.text})`,
      value: (it) => inner.value(it)?.length ?? null,
    })),
  ),
  condition: fc.oneof(
    { maxDepth: 6 },
    fc.boolean().map((value): Modelled<boolean> => ({ text: `${value}`, value: () => value })),
    fc.tuple(tie('text'), tie('text'), fc.boolean()).map(([one, other, isEqual]): Modelled<boolean> => ({
      text: `${one.text} ${isEqual ? 'eq' : 'ne'} ${other.text}`,
      value: (it) => (one.value(it) === other.value(it)) === isEqual,
    })),
    fc.tuple(tie('number'), tie('number')).map(([one, other]): Modelled<boolean> => ({
      text: `${one.text} lt ${other.text}`,
      value: (it) => {
        const [a, b] = [one.value(it), other.value(it)]
        return a !== null && b !== null && a < b
      },
    })),
    tie('text').map((inner): Modelled<boolean> => ({
      text: `${inner.text} in groups`,
      value: (it) => it.groups.some((name) => name === inner.value(it)),
    })),
    fc.tuple(tie('text'), fc.array(word, { minLength: 1, maxLength: 3 })).map(([inner, words]): Modelled<boolean> => ({
      text: `${inner.text} in (${words.map((value) => quote(value)).join(' , ')})`,
      value: (it) => words.some((value) => value === inner.value(it)),
    })),
    tie('condition').map((inner): Modelled<boolean> => ({
      text: `not (${inner.text})`,
      value: (it) => !inner.value(it),
    })),
    fc.tuple(tie('condition'), tie('condition'), fc.boolean()).map(([one, other, isAnd]): Modelled<boolean> => ({
      text: `(${one.text}) ${isAnd ? 'And' : 'or'} (${other.text})`,
      value: (it) => (isAnd ? one.value(it) && other.value(it) : one.value(it) || other.value(it)),
    })),
  ),
}))

const person = fc.record(
  { userId: word, connectionId: word, groups: fc.uniqueArray(word, { maxLength: 4 }) },
  { requiredKeys: ['connectionId', 'groups'] },
)

describe('any filter', () => {
  it('means what it says', () => {
    fc.assert(
      fc.property(condition, person, ({ text, value }, someone) => {
        expect(matches(text, someone)).toBe(value(someone))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is answered, whatever it is', () => {
    const words =
      "( ) , ' '' and or not in eq lt userId groups length 1 - null true contains ſ \0 \" . substring (groups) 'a'"
    const pieces = fc.constantFrom(...words.split(' '), ' ', '\ud800')
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((list) => list.join(' ')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (garbage) => {
        const filter = parseFilter(garbage)
        if (filter.ok) expect(typeof filter.matches(subject({ userId: 'a' }))).toBe('boolean')
        else expect(filter.message).toEndWith(" (Parameter 'filter')")
      }),
      { numRuns: 5_000 },
    )
  })
})
