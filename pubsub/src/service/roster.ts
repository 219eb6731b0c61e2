import type { Connection, Group, Hub } from '../model.ts'

/**
 * Who was in a group when a listing of it began, sorted by id only as far as it was read: a first page need not wait
 * for the whole to be sorted, and all pages together cost one sort. It holds ids, so it keeps no connection alive.
 */
export interface Roster {
  group: Group
  /** It has only the ids behind this one. */
  after: string
  /** Milliseconds since 1970. */
  takenAt: number
  ids: string[]
  /** So many ids at the front are in their places. */
  sorted: number
  /** Where ids end that are smaller than all behind them; the nearest one comes last. */
  fences: number[]
}

/** One for each hub is kept: who lists two large groups by turns has them taken anew. */
const rosters = new WeakMap<Hub, Roster>()

/** A listing that rests for longer goes on with those who are members then. */
const rosterMaxAgeMs = 60_000

/**
 * The roster for a page behind `after`. One that an earlier page left serves again: whoever was a member all the time
 * is in it. A first page, behind nothing, begins a listing and takes its own.
 */
export function rosterOf(hub: Hub, group: Group, after: string): Roster {
  const known = rosters.get(hub)
  const now = hub.engine.clock()
  const isGoingOn = after !== '' && known?.group === group && known.after <= after
  if (isGoingOn && now - known.takenAt < rosterMaxAgeMs) return known
  const ids: string[] = []
  for (const members of group.members.values()) {
    for (const { context } of members) if (context.connectionId > after) ids.push(context.connectionId)
  }
  return { group, after, takenAt: now, ids, sorted: 0, fences: [ids.length] }
}

/** Keeps it for the next page, or forgets it after the last one. */
export function keepRoster(hub: Hub, roster: Roster, hasMore: boolean): void {
  if (hasMore) rosters.set(hub, roster)
  else if (rosters.get(hub) === roster) rosters.delete(hub)
}

/** At most `count` of those behind `after` who are members still, in order. */
export function readRoster(roster: Roster, hub: Hub, { after, count }: { after: string; count: number }): Connection[] {
  const found: Connection[] = []
  for (let at = placeBehind(roster, after); found.length < count; at++) {
    const id = idAt(roster, at)
    if (id === undefined) break
    const connection = hub.connections.get(id)
    if (connection?.groups.has(roster.group)) found.push(connection)
  }
  return found
}

function placeBehind(roster: Roster, after: string): number {
  const isShort = ({ ids, sorted }: Roster) => sorted < ids.length && (ids[sorted - 1] ?? '') <= after
  while (isShort(roster)) sortMore(roster)
  let [low, high] = [0, roster.sorted]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((roster.ids[middle] ?? '') <= after) low = middle + 1
    else high = middle
  }
  return low
}

function idAt(roster: Roster, at: number): string | undefined {
  while (at >= roster.sorted && roster.sorted < roster.ids.length) sortMore(roster)
  return roster.ids[at]
}

const runMaxLength = 512

/** Quicksort that does only the part in front: what lies behind a fence waits until somebody reads so far. */
function sortMore(roster: Roster): void {
  const { ids, fences, sorted } = roster
  let end = fences.pop() ?? ids.length
  while (end - sorted > runMaxLength) {
    fences.push(end)
    end = partition(ids, sorted, end)
  }
  for (const [at, id] of ids.slice(sorted, end).sort().entries()) ids[sorted + at] = id
  roster.sorted = end
}

/** Puts smaller ids in front of larger ones, and tells where the larger ones begin; neither part is empty (Hoare). */
function partition(ids: string[], from: number, to: number): number {
  const pivot = ids[(from + to - 1) >> 1] ?? ''
  for (let [low, high] = [from, to - 1]; ; low++, high--) {
    while ((ids[low] ?? '') < pivot) low++
    while ((ids[high] ?? '') > pivot) high--
    if (low >= high) return high + 1
    const smaller = ids[high] ?? ''
    ids[high] = ids[low] ?? ''
    ids[low] = smaller
  }
}
