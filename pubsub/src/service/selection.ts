import { type FilterSubject, parseFilter } from '../filter/filter.ts'
import type { Connection, Hub } from '../model.ts'
import { invalid, type Outcome } from './refusals.ts'

/** Which of those that an operation is about it really means. */
export interface Selection {
  excludedIds: readonly string[]
  /** Absent: all. */
  matches: ((connection: Connection) => boolean) | undefined
}

export const everybody: Selection = { excludedIds: [], matches: undefined }

/** Reads a filter; absent, null and the empty one mean all. `target`: what a refusal is to call it. */
export function readFilter(text: string | null | undefined, target = 'filter'): Outcome<Selection['matches']> {
  if (text === undefined || text === null || text === '') return { value: undefined }
  const filter = parseFilter(text)
  if (!filter.ok) return { refusal: invalid(target, filter.message) }
  return { value: (connection) => filter.matches(subjectOf(connection)) }
}

function subjectOf({ context, groups, hub }: Connection): FilterSubject {
  const has = (name: string) => {
    const group = hub.groups.get(name)
    return group !== undefined && groups.has(group)
  }
  const { userId, connectionId, subprotocol } = context
  return { userId, connectionId, protocol: subprotocol, groups: { size: groups.size, has } }
}

/** Those that are there; other ids are ignored (spec 13, row 24). */
export function excludedIn({ connections }: Hub, ids: readonly string[]): Set<Connection> {
  return new Set(ids.map((id) => connections.get(id)).filter((connection) => connection !== undefined))
}

/** The selected of some connections, as a list of its own: what is done to them may change where they came from. */
export function selectFrom(hub: Hub, connections: Iterable<Connection>, selection: Selection): Connection[] {
  const { excludedIds, matches } = selection
  const excluded = excludedIn(hub, excludedIds)
  return Array.from(connections).filter((connection) => !excluded.has(connection) && (matches?.(connection) ?? true))
}
