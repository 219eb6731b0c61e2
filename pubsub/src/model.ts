import type { Server, ServerWebSocket } from 'bun'
import type { Limits } from './limits.ts'
import type { ConnectionContext, EventHandler } from './ports.ts'
import type { Permissions } from './roles.ts'
import type { AckId, Encoding, Parsed, Subprotocol } from './subprotocols/subprotocol.ts'

export type Socket = ServerWebSocket<Connection>

/** One service: what all its hubs share. */
export interface Engine {
  hubs: Map<string, Hub>
  limits: Limits
  clock: () => number
  /** Takes facts about faults. No entry holds a message, a token or a key. */
  log: (entry: LogEntry) => void
  /** Bun's server, known from the first connection on. */
  server: Server<Connection> | undefined
  /** What still runs for connections that are gone: `close` waits for it. */
  farewells: Set<Promise<void>>
  counters: Counters
  lastTopicId: number
  /** Told before something is published how many bytes it is for all its receivers together. */
  beforePublish: (bytes: number) => void
}

export interface Counters {
  /** Connections that were closed because they did not read what was sent to them. */
  slowConnections: number
  /** Connections that were closed because they sent faster than their events are handled. */
  floodingConnections: number
  /** Connections that answered no ping. */
  lostConnections: number
}

export interface LogEntry {
  level: 'info' | 'warn' | 'error'
  event: string
  hub?: string
  connectionId?: string
  [detail: string]: unknown
}

/** Connections that are reached by one publish each per encoding: a hub's all, or a group's members. */
export interface Audience {
  /** Topics are made from this number: names may hold characters that Bun's topics would fold into one. */
  topicId: number
  members: Map<Encoding, Set<Connection>>
}

export interface Group extends Audience {
  name: string
}

export interface Hub {
  name: string
  engine: Engine
  handler: EventHandler | undefined
  connections: Map<string, Connection>
  users: Map<string, Set<Connection>>
  groups: Map<string, Group>
  everyone: Audience
}

export interface Connection {
  readonly hub: Hub
  readonly subprotocol: Subprotocol
  readonly permissions: Permissions
  readonly tokenGroups: readonly string[]
  /** What handlers are told. Replaced, never changed: a handler may keep the one it was given. */
  context: ConnectionContext
  socket: Socket | undefined
  groups: Set<Group>
  /** Ids of operations that succeeded, in order of time. */
  acked: Set<AckId>
  inbox: Inbox
  hasEnded: boolean
  /** Something arrived since the last ping went out. */
  isAlive: boolean
  /** Its outbound queue was not empty when last looked at. */
  isPressured: boolean
  /** Settles when the `connected` event was handled. */
  greeted: Promise<void>
}

/** Frames wait here while an event handler of the same connection is busy. */
interface Inbox {
  isBusy: boolean
  waiting: { parsed: Parsed; bytes: number }[]
  waitingBytes: number
  /** Called once nothing is busy or waiting. */
  onIdle: (() => void) | undefined
}
