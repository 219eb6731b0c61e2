/** What the inspector's server tells its page: one snapshot a second. Types only, so that both sides can read them. */
export interface Snapshot {
  /** Milliseconds since 1970, as all times here. */
  at: number
  service: ServiceView
  /** The hubs with the most connections, at most `feedLimits.hubs`. */
  hubs: HubView[]
  hubsLeftOut: number
  /** The past, by hub name: only in the first snapshot of a feed. Later ones add one sample, `HubView.now`. */
  past?: Record<string, Sample[]>
  connections?: Paged<ConnectionRow>
  /** How many of those have just gone. */
  gone?: number
  groups?: Paged<GroupRow>
  /** Those that were not told before, oldest first. */
  calls?: UpstreamCallRow[]
  /** The chosen one; null when there is none of that id. */
  connection?: ConnectionView | null
  /** Of the chosen connection, those that were not told before, oldest first. */
  frames?: FrameRow[]
}

/** What a page wants to see. It travels in the feed's query; another wish is another feed. */
export interface FeedQuery {
  hub?: string | undefined
  tab?: Tab | undefined
  /** Part of a user id, a group's name, or the beginning of a connection id. */
  search?: string | undefined
  sort?: ConnectionSort | undefined
  /** From 0. */
  page?: number | undefined
  connection?: string | undefined
  group?: string | undefined
}

export const tabs = ['connections', 'groups', 'upstream', 'try'] as const
export type Tab = (typeof tabs)[number]
export const connectionSorts = ['newest', 'oldest', 'user', 'groups', 'unread'] as const
export type ConnectionSort = (typeof connectionSorts)[number]

/** Bounds of one snapshot: what it holds does not grow with the service. */
export const feedLimits = {
  hubs: 200,
  /** Hubs whose past is told. */
  pasts: 50,
  pageRows: 50,
  /** Groups and permissions listed of one connection. */
  listed: 200,
  calls: 300,
  samples: 180,
} as const

interface ServiceView {
  endpoint: string
  startedAt: number
  connections: number
  handshakes: number
  isDraining: boolean
  memoryBytes: number
  /** Of one core, 0 to 1 and above. */
  cpuShare: number
}

/** One second of a hub: connections, then per second frames and bytes in and out, and upstream calls. */
export type Sample = [
  connections: number,
  framesIn: number,
  framesOut: number,
  bytesIn: number,
  bytesOut: number,
  calls: number,
]

export interface HubView {
  name: string
  groups: number
  users: number
  now: Sample
  handler: HandlerKind
  allowsAnonymous: boolean
  /** Refused handshakes by status, since the start. */
  refused: Record<string, number>
  callsFailed: number
  opened: number
  /** Closed connections by reason, since the start; reasons that never happened are absent. */
  closed: Record<string, number>
}

export type HandlerKind = 'webhook' | 'in-process' | 'none'

export interface Paged<Row> {
  rows: Row[]
  /** Of all pages. */
  total: number
  /** From 0; the last one when the asked one lies behind it. */
  page: number
}

export interface ConnectionRow {
  id: string
  userId?: string
  subprotocol: string
  since: number
  groups: number
  state: ConnectionState
  /** Bytes sent and not yet taken or confirmed. */
  unreadBytes: number
  lastSequenceId?: number
}

/** `detached`: a reliable one without a socket, that may come back. `gone`: ended less than a minute ago. */
type ConnectionState = 'attached' | 'detached' | 'gone'

export interface ConnectionView extends ConnectionRow {
  groupNames: string[]
  permissions: Record<'joinLeaveGroup' | 'sendToGroup', PermissionView>
  streams: number
  invocations: number
  unconfirmed?: number
  /** Bytes of the state that the backend keeps with it. */
  stateBytes: number
}

export interface PermissionView {
  all: boolean
  allowed: string[]
  denied: string[]
  patterns: string[]
}

export interface GroupRow {
  name: string
  members: number
}

export interface FrameRow {
  /** Counts the frames of its connection since it is watched, from 1. */
  number: number
  at: number
  direction: 'in' | 'out'
  /** Of the whole frame. */
  bytes: number
  /** Secrets are masked. */
  text?: string
  /** A binary frame, as hexadecimal digits. */
  hex?: string
  /** Only the beginning was kept. */
  isCut: boolean
}

export interface UpstreamCallRow extends UpstreamCall {
  number: number
}

/** One call of a hub's event handler, as whoever makes it tells about it. */
export interface UpstreamCall {
  /** When it ended. */
  at: number
  /** `connect`, `connected`, `disconnected`, `validate`, or a user event's name. */
  event: string
  hub: string
  connectionId?: string | undefined
  /** Absent for a function call. Values in its query are never shown. */
  url?: string | undefined
  /** Absent when no answer came, and for a function call. */
  status?: number | undefined
  milliseconds: number
  attempts: number
  isFailed: boolean
  /** Why, for a person. */
  error?: string | undefined
}
