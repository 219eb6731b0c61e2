import type { WebSocketHandler } from 'bun'
import { closeConnection } from './connection.ts'
import { type Counters, newCounters } from './counters.ts'
import { closeAll } from './drain.ts'
import { isClientPath, type Rejection, settleHandshake, shakeHands } from './handshake.ts'
import { openHub } from './hub.ts'
import { type Limits, readLimits } from './limits.ts'
import type { BunServer, Connection, Engine, HubSettings, Inside, LogEntry } from './model.ts'
import { isHubName } from './names.ts'
import { createService, type HubService } from './service/service.ts'
import { closeSocket, failSocket, openSocket, pongSocket, readSocket } from './socket-events.ts'
import { builtInSubprotocols } from './subprotocols/negotiate.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'
import { createTokens } from './tokens.ts'
import { createBunCarrier } from './transport/bun-carrier.ts'
import { countSlow, startWatch } from './watch.ts'

export interface WebPubSubOptions {
  /** What clients connect to, for example `http://localhost:4280`: tokens name it. No path. */
  endpoint: string
  /** Signing keys, taken as UTF-8 and never base64-decoded. The first one signs, each one verifies. */
  keys: Keys
  /** Settings by hub name. A hub without settings works too; its user events fail, as nobody handles them. */
  hubs: Record<string, HubOptions>
  /** `host:port` values that tokens may name besides the endpoint's. */
  acceptedHosts?: readonly string[]
  /** Takes facts about faults; never a message, a token or a key. Default: nobody listens. */
  log?: (entry: LogEntry) => void
  /** Milliseconds since 1970. */
  clock?: () => number
  limits?: Partial<Limits>
  /** The field in which clients of protobuf get JSON: SDKs have one of its own, the default (spec 15.4). */
  protobufJsonAs?: 'json_data' | 'text_data' | undefined
}

export type HubOptions = Partial<HubSettings>

/** A Web PubSub service, to be mounted on a Bun server. */
export interface EmbeddedWebPubSub {
  /** Whether `upgrade` should answer for this URL. */
  isClientPath(url: { pathname: string }): boolean
  /** `undefined` once upgraded; else the answer to give. All connections must come through one Bun server. */
  upgrade(request: Request, server: BunServer): Promise<Response | undefined>
  /** For `Bun.serve`. */
  websocket: WebSocketHandler<Connection>
  /** The hub's methods of the official service client. Throws for an invalid hub name. */
  service(hub: string): HubService
  readonly connectionCount: number
  readonly counters: Readonly<Counters>
  /** From now on these sign and verify. Who is connected stays. Throws for an empty key. */
  setKeys(keys: Keys): void
  /** Changes what is given, for connections to come; those that are there ask the new handler. Throws for a bad name. */
  setHub(name: string, settings: HubOptions): void
  /**
   * Takes no more connections and closes those there are one by one, in random order, spread over `withinMs`, so that
   * their clients do not all come back at once. Then the same as `close`.
   */
  drain(options: { withinMs: number; reason?: string }): Promise<void>
  /**
   * Ends every connection (`disconnected` frame, close 1001) and accepts no more. Resolves when all handlers have been
   * told.
   */
  close(reason?: string): Promise<void>
  /** For the other modules of this package. */
  readonly inside: Inside
}

/** The first one signs, each one verifies. */
export type Keys = readonly [string, ...string[]]

/** Throws for options that cannot work. */
export function createWebPubSub(options: WebPubSubOptions): EmbeddedWebPubSub {
  const endpoint = readEndpoint(options)
  const engine = createEngine(options)
  const { keys, acceptedHosts = [] } = options
  const tokens = createTokens({ endpoint, keys, acceptedHosts, clock: engine.clock })
  const inside = { engine, tokens, endpoint }
  const stopWatch = startWatch(engine)
  const stop = async (withinMs: number, reason: string) => {
    engine.isDraining = true
    await closeAll(engine, { withinMs, reason: { ...closeReasons.reload, text: reason } })
    stopWatch()
  }
  return {
    inside,
    isClientPath,
    upgrade: (request, server) => upgrade(inside, request, server),
    websocket: createSocketHandler(engine),
    service: (hub) => createService(inside, hub),
    get connectionCount() {
      return engine.connectionCount
    },
    counters: engine.counters,
    setKeys(keys) {
      requireKeys(keys)
      tokens.setKeys(keys)
    },
    setHub: (name, settings) => configureHub(engine, name, settings),
    drain: ({ withinMs, reason = closeReasons.reload.text }) => stop(withinMs, reason),
    close: (reason = closeReasons.reload.text) => stop(0, reason),
  }
}

function readEndpoint({ endpoint, keys, hubs }: WebPubSubOptions): URL {
  const url = URL.parse(endpoint)
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === ''
  if (!isOrigin) throw new TypeError(`endpoint: ${endpoint} is not an http or https address without a path`)
  requireKeys(keys)
  for (const name of Object.keys(hubs)) requireHubName(name)
  return url
}

function requireKeys(keys: Keys): void {
  if (keys.length === 0 || keys.some((key) => key === '')) throw new TypeError('keys: a key is empty')
}

function requireHubName(name: string): void {
  if (!isHubName(name)) throw new TypeError(`hubs: ${name} is not a hub name`)
}

function configureHub(engine: Engine, name: string, settings: HubOptions): void {
  requireHubName(name)
  Object.assign(openHub(engine, name).settings, settings)
}

function createEngine(options: WebPubSubOptions): Engine {
  const { hubs, log = () => {}, clock = Date.now, limits, protobufJsonAs: jsonAs } = options
  const engine: Engine = {
    hubs: new Map(),
    limits: readLimits(limits),
    clock,
    log,
    // what it is told may change later
    carrier: createBunCarrier({ beforePublish: (bytes) => engine.beforePublish(bytes) }),
    subprotocols: builtInSubprotocols({ jsonAs }),
    farewells: new Set(),
    counters: newCounters(),
    connectionCount: 0,
    handshakeCount: 0,
    isDraining: false,
    lastTopicId: 0,
    beforePublish: () => {},
    relieve: () => {},
    observer: undefined,
    onOverflow: (connection) => {
      countSlow(connection)
      closeConnection(connection, closeReasons.unconfirmed)
    },
    detached: new Set(),
    streaming: new Set(),
  }
  for (const [name, settings] of Object.entries(hubs)) configureHub(engine, name, settings)
  return engine
}

async function upgrade({ engine, tokens }: Inside, request: Request, server: BunServer) {
  const handshake = settleHandshake(engine, await shakeHands(engine, tokens, request))
  if (!handshake.ok) return respond(handshake.rejection)
  engine.carrier.mount(server)
  // without a value of ours Bun would echo the client's first offer, whatever it is
  const headers = { 'Sec-WebSocket-Protocol': handshake.subprotocolName ?? '' }
  const isUpgraded = server.upgrade(request, { data: handshake.connection, headers })
  return isUpgraded ? undefined : respond({ status: 400, text: 'The WebSocket upgrade is incomplete.' })
}

/** Whoever is turned away only for now is told when to try again. */
const respond = ({ status, text }: Rejection) =>
  new Response(text === '' ? null : text, { status, headers: status === 503 ? { 'Retry-After': '1' } : {} })

/** Compression stays off, which is always safe (spec 3.1). */
function createSocketHandler({ limits }: Engine): WebSocketHandler<Connection> {
  const markAlive = ({ data }: { data: Connection }) => pongSocket(data)
  return {
    maxPayloadLength: limits.frameMaxBytes,
    backpressureLimit: limits.outboundHardMaxBytes,
    closeOnBackpressureLimit: true,
    // our own watch pings: see there
    idleTimeout: 0,
    sendPings: false,
    open: (socket) => openSocket(socket.data, socket),
    message: (socket, data) => readSocket(socket.data, socket, data),
    ping: markAlive,
    pong: markAlive,
    close: (socket, code, reason) => {
      const wasCut = code === 1006 && socket.data.isPressured
      closeSocket(socket.data, socket, { code, reason, wasCut })
    },
    error: (error, socket) => failSocket(socket.data, socket, error),
  }
}
