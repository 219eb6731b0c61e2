import type { Server } from 'bun'
import type { Counters, HubCounters } from './counters.ts'
import type { Limits } from './limits.ts'
import type { Message } from './message.ts'
import type { ConnectionContext, EventHandler } from './ports.ts'
import type { Queue } from './queue.ts'
import type { Permissions } from './roles.ts'
import type { Subprotocols } from './subprotocols/negotiate.ts'
import type { Tokens } from './tokens.ts'
import type {
  AckId,
  Encoding,
  GroupState,
  Parsed,
  SequencedFrame,
  Subprotocol,
  WireFrame,
} from './subprotocols/subprotocol.ts'

/** What a connection needs of its WebSocket; Bun's own has it too. */
export interface Socket {
  sendText(text: string): unknown
  sendBinary(bytes: Uint8Array<ArrayBuffer>): unknown
  ping(): unknown
  /** After what was sent before. */
  close(code: number, reason: string): void
  /** At once. */
  terminate(): void
  /** Bytes that the peer did not take. */
  getBufferedAmount(): number
  /** As `WebSocket` counts it. */
  readonly readyState: number
}

/** What we ask of Bun's server. */
export type BunServer = Pick<Server<Connection>, 'upgrade' | 'publish' | 'requestIP' | 'timeout'>

/** How frames get to sockets: one for each kind of server. In one connection all that is queued keeps its order. */
export interface Carrier {
  /** Told of the Bun server that upgrades connections. */
  mount(server: BunServer): void
  send(connection: Connection, socket: Socket, frame: WireFrame): void
  /** Nothing queued for it is kept back any more. */
  flush(socket: Socket): void
  /** Told of each connection that was put into a lane, and before the next publish of each that was taken out. */
  admit(lane: Lane, connection: Connection): void
  dismiss(lane: Lane, connection: Connection): void
  /** Queues a frame for all members but the excluded ones. */
  publish(lane: Lane, frame: WireFrame, excluded: readonly Connection[]): void
  /** Bytes kept for all who did not take them, where what they share is known. */
  heldBytes(): number | undefined
}

/** Members of an audience who get the same bytes. `members` is the same object for as long as it has any. */
export interface Lane {
  audience: Audience
  encoding: Encoding
  members: Set<Connection>
}

/** One service: what all its hubs share. */
export interface Engine {
  hubs: Map<string, Hub>
  limits: Limits
  clock: () => number
  /** Takes facts about faults. No entry holds a message, a token or a key. */
  log: (entry: LogEntry) => void
  carrier: Carrier
  /** The built-in ones, as this service speaks them. */
  subprotocols: Subprotocols
  /** What still runs for connections that are gone: `close` waits for it. */
  farewells: Set<Promise<void>>
  counters: Counters
  /** Connections of all hubs, those included that are away and may come back. */
  connectionCount: number
  /** Handshakes that wait for their backend. */
  handshakeCount: number
  /** No new connections are taken: the service is about to stop. */
  isDraining: boolean
  lastTopicId: number
  /** Told before something is published how many bytes it is for all its receivers together. */
  beforePublish: (bytes: number) => void
  /** Closes the slowest while all together leave too much unread. */
  relieve: () => void
  /** Who wants to see what goes through, if anybody. */
  observer: Observer | undefined
  /** Told when a connection let more messages unconfirmed than it may. */
  onOverflow: (connection: Connection) => void
  /** Reliable connections whose socket is gone and that may come back. */
  detached: Set<Connection>
  /** Connections with open streams. */
  streaming: Set<Connection>
}

/** What the modules of this package that speak to the outside work with. */
export interface Inside {
  engine: Engine
  tokens: Tokens
  /** What clients connect to; tokens name it. */
  endpoint: URL
}

/** Sees everything: what it is given holds messages, and must not get into a log. */
export interface Observer {
  /** One frame of one connection. `out` is told when it is queued. */
  frame(connection: Connection, direction: 'in' | 'out', frame: string | Uint8Array): void
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
  hub: Hub
  /** Topics are made from this number: names may hold characters that Bun's topics would fold into one. */
  topicId: number
  members: Map<Encoding, Set<Connection>>
}

export interface Group extends Audience {
  name: string
}

/** What members of a group told about themselves, and who wants to know. */
export interface StateBoard {
  states: Map<Connection, { state: GroupState; updatedAt: number }>
  subscribers: Set<Connection>
}

/** What an operator decides about a hub. It may change while the hub runs. */
export interface HubSettings {
  handler: EventHandler | undefined
  /** Whether clients without any token may connect (Azure's `anonymousConnectPolicy`, default deny). */
  allowsAnonymous: boolean
}

export interface Hub {
  /** In lower case. */
  name: string
  engine: Engine
  settings: HubSettings
  connections: Map<string, Connection>
  users: Map<string, Set<Connection>>
  groups: Map<string, Group>
  /** By group. */
  boards: Map<string, StateBoard>
  everyone: Audience
  counters: HubCounters
}

/** One client on one hub. With a reliable subprotocol it outlives its socket. */
export interface Connection {
  readonly hub: Hub
  readonly subprotocol: Subprotocol
  readonly permissions: Permissions
  /** Groups to join when it opens; none afterwards. */
  tokenGroups: readonly string[]
  /** Milliseconds since 1970. */
  readonly since: number
  /** What handlers are told. Replaced, never changed: a handler may keep the one it was given. */
  context: ConnectionContext
  /** Absent before the first and, for reliable ones, between two. */
  socket: Socket | undefined
  /** What a reliable subprotocol needs to deliver each message once; absent for the others. */
  session: Session | undefined
  /** While it is empty it may be shared by many: `joinGroup` makes one of its own. */
  groups: Set<Group>
  /** Ids of operations that succeeded, in order of time. Made when the first does. */
  acked: Set<AckId> | undefined
  /** Streams that it publishes, by id. Made with the first. */
  streams: Map<string, Stream> | undefined
  /** Invocations that wait for the backend, by id. Made with the first. */
  invocations: Map<string, Invocation> | undefined
  /** Groups in whose boards it stands or listens. Made with the first. */
  boards: Set<string> | undefined
  /** What its states take, in all groups together. */
  stateBytes: number
  inbox: Inbox | undefined
  hasEnded: boolean
  /** Something arrived since the last ping went out. */
  isAlive: boolean
  /** Its outbound queue was not empty when last looked at. */
  isPressured: boolean
  /** Settles when the `connected` event was handled. */
  greeted: Promise<void> | undefined
}

/** The reliable part of a connection (spec 6): what was sent and not yet confirmed, and how to take it up again. */
export interface Session {
  /** A secret. */
  reconnectionToken: string
  lastSequenceId: number
  /** Sent and not confirmed, in order: the last of them has the number `lastSequenceId`. */
  unconfirmed: Queue<SequencedFrame>
  /** Published while no socket was there. They get their number when they are sent. */
  waiting: { frame: SequencedFrame; expiresAt: number }[]
  /** Of both together. */
  bytes: number
  /** Milliseconds since 1970; undefined while a socket is there. */
  detachedAt: number | undefined
}

interface Invocation {
  /** Nobody waits for the answer any more. */
  isCancelled: boolean
  /** What it asks with. */
  bytes: number
}

/** A message that a client publishes in pieces. */
export interface Stream {
  streamId: string
  group: string
  noEcho: boolean
  idleTimeoutMs: number
  lastActiveAt: number
  expectedSequenceId: number
}

/** Frames wait here while an event handler of the same connection is busy. */
export interface Inbox {
  isBusy: boolean
  waiting: { parsed: Parsed; bytes: number }[]
  waitingBytes: number
  /** Called once nothing is busy or waiting. */
  onIdle: (() => void) | undefined
}

export interface PublishOptions {
  message: Message
  excluded?: ReadonlySet<Connection>
  /** Only these; absent means all. */
  matches?: ((connection: Connection) => boolean) | undefined
  /** Who is away longer than that does not get it (spec 9.2). 0 or absent: no expiry. */
  ttlSeconds?: number
}
