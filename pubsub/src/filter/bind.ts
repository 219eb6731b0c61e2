import type { FilterSubject, GroupNames } from './filter.ts'
import { functions, type Type, type Value } from './functions.ts'
import type { Expression, Fault, Literal, Operator } from './parse-syntax.ts'

type Evaluate<T extends Value = Value> = (subject: FilterSubject) => T

/** An expression whose names are known and whose type is right; what it evaluates to is of that type, or null. */
interface Bound {
  type: Type
  evaluate: Evaluate
}

interface Binder {
  /** The first one found. */
  fault: Fault | undefined
}

/** Checks names and types. The whole must be true or false. */
export function bind(expression: Expression): { matches: Evaluate<boolean> } | { fault: Fault } {
  const binder: Binder = { fault: undefined }
  const matches = truth(binder, expression)
  return binder.fault ? { fault: binder.fault } : { matches }
}

const names = new Map<string, Bound>([
  ['userid', { type: 'string', evaluate: ({ userId }) => userId ?? null }],
  ['connectionid', { type: 'string', evaluate: ({ connectionId }) => connectionId }],
  ['protocol', { type: 'string', evaluate: ({ protocol }) => protocol ?? null }],
  ['groups', { type: 'collection', evaluate: ({ groups }) => groups }],
])

type ExpressionOf = { [E in Expression as E['kind']]: E }
type Binders = { [Kind in keyof ExpressionOf]: (binder: Binder, expression: ExpressionOf[Kind]) => Bound }

const binders: Binders = {
  literal: (_, { value }) => constant(value),
  // the grammar has lists only to the right of `in`, which looks at them itself
  list: (binder, { end }) => fail(binder, { position: end }),
  name: (binder, { name, end }) => names.get(name) ?? fail(binder, { position: end }),
  call: bindCall,
  not: (binder, { operand }) => {
    const holds = truth(binder, operand)
    return { type: 'bool', evaluate: (subject) => !holds(subject) }
  },
  and: (binder, { operands }) => {
    const all = operands.map((operand) => truth(binder, operand))
    return { type: 'bool', evaluate: (subject) => all.every((holds) => holds(subject)) }
  },
  or: (binder, { operands }) => {
    const any = operands.map((operand) => truth(binder, operand))
    return { type: 'bool', evaluate: (subject) => any.some((holds) => holds(subject)) }
  },
  compare: bindComparison,
}

function bindAny(binder: Binder, expression: Expression): Bound {
  // TypeScript cannot see that the entry found by `kind` takes the expression of that kind
  return (binders[expression.kind] as (binder: Binder, expression: Expression) => Bound)(binder, expression)
}

function fail(binder: Binder, fault: Fault): Bound {
  binder.fault ??= fault
  return constant(null)
}

const literalTypes = { string: 'string', number: 'int', boolean: 'bool' } as const

function constant(value: Literal): Bound {
  const type = typeof value
  return { type: type === 'object' ? 'null' : literalTypes[type as keyof typeof literalTypes], evaluate: () => value }
}

/** `null` may stand where a string or a number is expected, but is neither true nor false. */
function bindAs(binder: Binder, expression: Expression, expected: readonly Type[]): Bound {
  const bound = bindAny(binder, expression)
  const isNull = bound.type === 'null' && !expected.includes('bool')
  if (isNull || expected.includes(bound.type)) return bound
  return fail(binder, { actual: bound.type, expected: expected[0] ?? 'null' })
}

function truth(binder: Binder, expression: Expression): Evaluate<boolean> {
  const { evaluate } = bindAs(binder, expression, ['bool'])
  return (subject) => evaluate(subject) === true
}

function bindCall(binder: Binder, { name, arguments: args, end }: ExpressionOf['call']): Bound {
  const known = functions.get(name)
  if (!known) return fail(binder, { position: end })
  const { takes, optional = 0, gives, apply } = known
  if (args.length > takes.length || args.length < takes.length - optional) return fail(binder, { position: end })
  const bound = args.map((argument, at) => bindAs(binder, argument, takes[at] ?? []))
  const ifNull = gives === 'bool' ? false : null
  return {
    type: gives,
    evaluate: (subject) => {
      const values = bound.map(({ evaluate }) => evaluate(subject))
      // the types were checked when it was bound
      return values.includes(null) ? ifNull : apply(...(values as never[]))
    },
  }
}

const orders = {
  gt: (left: number, right: number) => left > right,
  ge: (left: number, right: number) => left >= right,
  lt: (left: number, right: number) => left < right,
  le: (left: number, right: number) => left <= right,
}

function bindComparison(binder: Binder, comparison: ExpressionOf['compare']): Bound {
  const { operator, left, right } = comparison
  if (operator === 'in') return bindIn(binder, comparison)
  if (isOrder(operator)) return bindOrder(binder, { operator, left, right })
  const [one, other] = [bindAny(binder, left).evaluate, bindAny(binder, right).evaluate]
  const isWanted = operator === 'eq'
  return { type: 'bool', evaluate: (subject) => (one(subject) === other(subject)) === isWanted }
}

const isOrder = (operator: Operator): operator is keyof typeof orders => Object.hasOwn(orders, operator)

interface Order {
  operator: keyof typeof orders
  left: Expression
  right: Expression
}

/** Null is neither more nor less than anything. */
function bindOrder(binder: Binder, { operator, left, right }: Order): Bound {
  const [one, other] = [bindAs(binder, left, ['int']).evaluate, bindAs(binder, right, ['int']).evaluate]
  const holds = orders[operator]
  return {
    type: 'bool',
    evaluate: (subject) => {
      const [a, b] = [one(subject), other(subject)]
      return typeof a === 'number' && typeof b === 'number' && holds(a, b)
    },
  }
}

function bindIn(binder: Binder, { left, right }: ExpressionOf['compare']): Bound {
  if (right.kind === 'list') return bindInList(bindAs(binder, left, ['string', 'int', 'bool', 'null']), right.items)
  const { evaluate } = bindAs(binder, left, ['string'])
  const collection = bindAny(binder, right)
  if (collection.type !== 'collection') return fail(binder, { actual: collection.type, expected: 'collection' })
  return {
    type: 'bool',
    evaluate: (subject) => {
      const name = evaluate(subject)
      // its type was just looked at
      return typeof name === 'string' && (collection.evaluate(subject) as GroupNames).has(name)
    },
  }
}

function bindInList({ evaluate }: Bound, items: readonly Literal[]): Bound {
  const values: ReadonlySet<Value> = new Set(items)
  return { type: 'bool', evaluate: (subject) => values.has(evaluate(subject)) }
}
