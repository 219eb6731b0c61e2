import type { Engine, Hub } from '../model.ts'
import type { CallLog } from './calls.ts'
import { listConnections, memberCount, pageOf } from './connections.ts'
import { describeConnection } from './details.ts'
import {
  feedLimits,
  type FeedQuery,
  type GroupRow,
  type HandlerKind,
  type HubView,
  type Sample,
  type Snapshot,
} from './feed.ts'
import type { Rates } from './rates.ts'
import type { FrameRecorder } from './recorder.ts'

export interface Sources {
  engine: Engine
  endpoint: string
  startedAt: number
  rates: Rates
  recorder: FrameRecorder
  calls: CallLog
  handlerKind: (hub: Hub) => HandlerKind
}

/** How far a page has been told what comes in rows. */
export interface Progress {
  isFirst: boolean
  lastCall: number
  lastFrame: number
}

export const newProgress = (): Progress => ({ isFirst: true, lastCall: 0, lastFrame: 0 })

/** The part that is the same for all who look. */
export function describeService(sources: Sources): Pick<Snapshot, 'at' | 'service' | 'hubs' | 'hubsLeftOut'> {
  const { engine, endpoint, startedAt, rates } = sources
  const hubs = largestHubs(engine)
  return {
    at: engine.clock(),
    service: {
      endpoint,
      startedAt,
      connections: engine.connectionCount,
      handshakes: engine.handshakeCount,
      isDraining: engine.isDraining,
      memoryBytes: process.memoryUsage.rss(),
      cpuShare: Math.round(rates.cpuShare * 1000) / 1000,
    },
    hubs: hubs.slice(0, feedLimits.hubs).map((hub) => describeHub(hub, sources)),
    hubsLeftOut: Math.max(0, hubs.length - feedLimits.hubs),
  }
}

const largestHubs = ({ hubs }: Engine): Hub[] =>
  [...hubs.values()].sort(
    (one, other) => other.connections.size - one.connections.size || (one.name < other.name ? -1 : 1),
  )

function describeHub(hub: Hub, { rates, handlerKind }: Sources): HubView {
  const { counters } = hub
  const closed = Object.entries(counters.connectionsClosed).filter(([, count]) => count > 0)
  return {
    name: hub.name,
    groups: hub.groups.size,
    users: hub.users.size,
    now: rates.latest(hub),
    handler: handlerKind(hub),
    allowsAnonymous: hub.settings.allowsAnonymous,
    refused: { ...counters.handshakesRefused },
    callsFailed: counters.upstream.failed.count,
    opened: counters.connectionsOpened,
    closed: Object.fromEntries(closed),
  }
}

/** What one page asked for, besides the shared part. Moves `progress` on. */
export function describeView(sources: Sources, query: FeedQuery, progress: Progress): Partial<Snapshot> {
  const { engine, rates } = sources
  const past = progress.isFirst ? { past: pastOf(engine, rates) } : {}
  progress.isFirst = false
  const hub = query.hub === undefined ? undefined : engine.hubs.get(query.hub)
  if (!hub) return past
  return { ...past, ...views[query.tab ?? 'connections'](hub, { sources, query, progress }) }
}

const pastOf = (engine: Engine, rates: Rates): Record<string, Sample[]> =>
  Object.fromEntries(
    largestHubs(engine)
      .slice(0, feedLimits.pasts)
      .map((hub) => [hub.name, rates.past(hub)]),
  )

interface ViewContext {
  sources: Sources
  query: FeedQuery
  progress: Progress
}

const views: Record<NonNullable<FeedQuery['tab']>, (hub: Hub, context: ViewContext) => Partial<Snapshot>> = {
  connections: (hub, context) => ({
    ...listConnections(hub, context.sources.recorder.goneOf(hub.name), { ...context.query, group: undefined }),
    ...describeChosen(hub, context),
  }),
  groups: (hub, { query }) => ({
    groups: listGroups(hub, query),
    ...(query.group !== undefined && listConnections(hub, [], { group: query.group })),
  }),
  upstream: (hub, { sources, progress }) => {
    const calls = sources.calls.after(hub.name, progress.lastCall)
    progress.lastCall = calls.at(-1)?.number ?? progress.lastCall
    return { calls }
  },
  try: () => ({}),
}

function describeChosen(hub: Hub, { sources: { recorder }, query, progress }: ViewContext): Partial<Snapshot> {
  const { connection: id } = query
  if (id === undefined) return {}
  const connection = hub.connections.get(id) ?? recorder.findGone(id)
  if (!connection || connection.hub !== hub) return { connection: null }
  const frames = recorder.framesOf(id, progress.lastFrame)
  progress.lastFrame = frames.at(-1)?.number ?? progress.lastFrame
  return { connection: describeConnection(connection), frames }
}

/** The largest first; of many groups only as many as fit on a page are sorted out and sent. */
function listGroups({ groups }: Hub, { search = '', page = 0 }: FeedQuery) {
  const part = search.trim().toLowerCase()
  const rows: GroupRow[] = []
  for (const group of groups.values()) {
    if (part === '' || group.name.toLowerCase().includes(part))
      rows.push({ name: group.name, members: memberCount(group) })
  }
  rows.sort((one, other) => other.members - one.members || (one.name < other.name ? -1 : 1))
  return pageOf(rows, page, (row) => row)
}
