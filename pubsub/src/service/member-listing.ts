import { wireLimits } from '../limits.ts'
import type { Connection, Hub } from '../model.ts'
import { badRequest, invalid, type Outcome, toServiceError } from './refusals.ts'
import { keepRoster, readRoster, rosterOf } from './roster.ts'

export interface GroupMember {
  connectionId: string
  /** Absent for an anonymous one. */
  userId?: string
}

export interface ListOptions {
  /** How many members a page has, 1–200. */
  maxPageSize?: number | undefined
  /** How many members there are at most, over all pages. */
  top?: number | undefined
  /** Where an earlier listing stopped. */
  continuationToken?: string | undefined
}

export interface Page {
  members: GroupMember[]
  /** How to get the next one; absent on the last one. */
  next: ListOptions | undefined
}

const { pageMaxSize } = wireLimits
const topMax = 2_147_483_647

/**
 * One page of a group, those included that are away and may come back. Sorted by connection id, and that is what a
 * token holds: whoever stays a member throughout is listed exactly once, whoever comes or goes meanwhile.
 */
export function listPage(hub: Hub, name: string, options: ListOptions): Outcome<Page> {
  const { maxPageSize = pageMaxSize, top = topMax, continuationToken = '' } = options
  if (!isWithin(maxPageSize, pageMaxSize)) return { refusal: outOfRange('maxpagesize', pageMaxSize) }
  if (!isWithin(top, topMax)) return { refusal: outOfRange('top', topMax) }
  if (!/^[\w-]{0,128}$/.test(continuationToken)) return { refusal: badToken }
  const size = Math.min(maxPageSize, top)
  const { members, hasMore } = readMembers(hub, name, { after: continuationToken, size, isLast: size === top })
  const last = members.at(-1)
  if (!last || !hasMore) return { value: { members, next: undefined } }
  const reducedTop = options.top === undefined ? {} : { top: top - members.length }
  return { value: { members, next: { ...options, ...reducedTop, continuationToken: last.connectionId } } }
}

const isWithin = (value: number, max: number) => Number.isInteger(value) && value >= 1 && value <= max
const outOfRange = (name: string, max: number) => invalid(name, `The field ${name} must be between 1 and ${max}.`)
const badToken = badRequest('The continuation token is not valid.', 'continuationToken')

interface Place {
  after: string
  size: number
  /** Nobody will ask for a next page. */
  isLast: boolean
}

function readMembers(hub: Hub, name: string, { after, size, isLast }: Place) {
  const group = hub.groups.get(name)
  if (!group) return { members: [], hasMore: false }
  const roster = rosterOf(hub, group, after)
  const found = readRoster(roster, hub, { after, count: size + 1 })
  const hasMore = found.length > size && !isLast
  keepRoster(hub, roster, hasMore)
  return { members: found.slice(0, size).map((member) => toMember(member)), hasMore }
}

const toMember = ({ context: { connectionId, userId } }: Connection): GroupMember =>
  userId === undefined ? { connectionId } : { connectionId, userId }

/** What the official client's `listConnections` resolves to. */
export interface MemberListing extends AsyncIterableIterator<GroupMember> {
  byPage(settings?: { continuationToken?: string; maxPageSize?: number }): AsyncIterableIterator<GroupMember[]>
}

/** Each page is read when it is asked for. */
export function listMembers(hub: Hub, name: string, options: ListOptions = {}): MemberListing {
  const members = flatten(pages(hub, name, options))
  return {
    next: () => members.next(),
    [Symbol.asyncIterator]() {
      return this
    },
    byPage: ({ continuationToken, maxPageSize } = {}) => {
      if (maxPageSize !== undefined) throw new TypeError('maxPageSize is not supported by this operation.')
      return pages(hub, name, continuationToken === undefined ? options : { ...options, continuationToken })
    },
  }
}

async function* pages(hub: Hub, name: string, options: ListOptions): AsyncGenerator<GroupMember[], undefined> {
  for (let next: ListOptions | undefined = options; next;) {
    const page: Outcome<Page> = listPage(hub, name, next)
    if (page.refusal) throw toServiceError(page.refusal)
    yield page.value.members
    next = page.value.next
  }
}

async function* flatten(lists: AsyncIterable<GroupMember[]>): AsyncGenerator<GroupMember, undefined> {
  for await (const members of lists) yield* members
}
