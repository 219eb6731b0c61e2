import { hubKey } from '../names.ts'
import { connectionSorts, type FeedQuery, tabs } from './feed.ts'

/** What a page wants, from its address. What makes no sense is as if it was not asked for. */
export function readQuery(search: URLSearchParams): FeedQuery {
  const text = (name: string) => search.get(name)?.slice(0, 1_024) || undefined
  const page = Number(search.get('page') ?? 0)
  const hub = text('hub')
  return {
    hub: hub === undefined ? undefined : hubKey(hub),
    tab: tabs.find((tab) => tab === search.get('tab')),
    sort: connectionSorts.find((sort) => sort === search.get('sort')),
    page: Number.isSafeInteger(page) && page > 0 ? page : 0,
    search: text('search'),
    connection: text('connection'),
    group: text('group'),
  }
}
