import { type ConnectionSort, connectionSorts, type Tab, tabs } from '../feed.ts'

/** Where the page is: all of it is in the address after `#`, so it survives a reload and can be sent to somebody. */
export interface Route {
  /** Absent: the overview. */
  hub?: string
  tab: Tab
  search: string
  sort: ConnectionSort
  page: number
  connection?: string
  group?: string
}

export const overview: Route = { tab: 'connections', search: '', sort: 'newest', page: 0 }

export function parseRoute(hash: string): Route {
  if (!hash.startsWith('#/')) return overview
  const [path = '', query = ''] = hash.slice(2).split('?')
  const [hub = '', tab = ''] = path.split('/')
  if (hub === '') return overview
  const search = new URLSearchParams(query)
  const [connection, group] = [search.get('connection'), search.get('group')]
  return {
    hub: decode(hub),
    tab: tabs.find((one) => one === tab) ?? 'connections',
    search: search.get('search') ?? '',
    sort: connectionSorts.find((sort) => sort === search.get('sort')) ?? 'newest',
    page: Math.max(0, Math.trunc(Number(search.get('page') ?? 0)) || 0),
    ...(connection && { connection }),
    ...(group && { group }),
  }
}

export function formatRoute({ hub, tab, ...rest }: Route): string {
  if (hub === undefined) return '#/'
  const query = formatQuery(rest)
  return `#/${encodeURIComponent(hub)}/${tab}${query ? `?${query}` : ''}`
}

/** The route as the feed's query. */
export function formatFeedQuery({ hub, tab, ...rest }: Route): string {
  if (hub === undefined) return ''
  return `?${new URLSearchParams({ hub, tab })}&${formatQuery(rest)}`
}

function formatQuery({ search, sort, page, connection, group }: Omit<Route, 'hub' | 'tab'>): string {
  const query = new URLSearchParams()
  if (search !== '') query.set('search', search)
  if (sort !== 'newest') query.set('sort', sort)
  if (page > 0) query.set('page', String(page))
  if (connection) query.set('connection', connection)
  if (group) query.set('group', group)
  return query.toString()
}

/** An address that somebody broke leads to a hub that is not there. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
