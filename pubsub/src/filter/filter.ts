import { wireLimits } from '../limits.ts'
import { bind } from './bind.ts'
import { parseSyntax, type Fault } from './parse-syntax.ts'

/** What a filter may look at, of one connection. */
export interface FilterSubject {
  /** `undefined` for an anonymous client: `null` in the language. */
  userId: string | undefined
  connectionId: string
  /** Names of groups; a `Set<string>` will do. */
  groups: GroupNames
  /** Name of the subprotocol, `undefined` for a simple client. */
  protocol: string | undefined
}

export interface GroupNames {
  readonly size: number
  has(name: string): boolean
}

export type Filter = { ok: true; matches: (subject: FilterSubject) => boolean } | { ok: false; message: string }

/**
 * Longer ones are refused. A filter is asked about each connection, so its length is what a request may cost; no URL
 * that our server takes is longer.
 */
const { filterMaxLength } = wireLimits

/**
 * Reads a filter of the OData subset (spec 9.5), types checked, so that `matches` can neither fail nor take longer than
 * the filter and the names are long. The message is the one that Azure's REST answers carry.
 */
export function parseFilter(text: string): Filter {
  const parsed = text.length > filterMaxLength ? syntaxFault(filterMaxLength) : parseSyntax(text)
  if ('fault' in parsed) return refuse(text, parsed.fault)
  const bound = bind(parsed.expression)
  return 'fault' in bound ? refuse(text, bound.fault) : { ok: true, matches: bound.matches }
}

const syntaxFault = (position: number): { fault: Fault } => ({ fault: { position } })

function refuse(text: string, fault: Fault): Filter {
  const reason =
    'position' in fault
      ? `Syntax error at position ${fault.position} in '${text}'.`
      : `Type '${fault.actual}', expect '${fault.expected}'.`
  return { ok: false, message: `Invalid syntax for '${text}': ${reason} (Parameter 'filter')` }
}
