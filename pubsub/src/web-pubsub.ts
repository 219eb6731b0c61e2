import type { Server, WebSocketHandler } from 'bun'
import { closeConnection, endConnection, newConnection, openConnection } from './connection.ts'
import { isClientPath, type Rejection, shakeHands } from './handshake.ts'
import { openHub } from './hub.ts'
import { receive } from './inbox.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { describeError } from './log.ts'
import type { Connection, Counters, Engine, LogEntry } from './model.ts'
import { isHubName } from './names.ts'
import type { EventHandler } from './ports.ts'
import { createService, type HubService } from './service.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { countSlow, startWatch } from './watch.ts'

export interface WebPubSubOptions {
  /** What clients connect to, for example `http://localhost:4280`: tokens name it. No path. */
  endpoint: string
  /** Signing keys, taken as UTF-8 and never base64-decoded. The first one signs, each one verifies. */
  keys: readonly [string, ...string[]]
  /** Settings by hub name. A hub without settings works too; its user events fail, as nobody handles them. */
  hubs: Record<string, HubOptions>
  /** `host:port` values that tokens may name besides the endpoint's. */
  acceptedHosts?: readonly string[]
  /** Takes facts about faults; never a message, a token or a key. Default: nobody listens. */
  log?: (entry: LogEntry) => void
  /** Milliseconds since 1970. */
  clock?: () => number
  limits?: Partial<Limits>
}

export interface HubOptions {
  handler?: EventHandler
}

/** A Web PubSub service, to be mounted on a Bun server. */
export interface WebPubSub {
  /** Whether `upgrade` should answer for this URL. */
  isClientPath(url: { pathname: string }): boolean
  /** `undefined` once upgraded; else the answer to give. All connections must come through one Bun server. */
  upgrade(request: Request, server: Server<Connection>): Promise<Response | undefined>
  /** For `Bun.serve`. */
  websocket: WebSocketHandler<Connection>
  /** The hub's methods of the official service client. Throws for an invalid hub name. */
  service(hub: string): HubService
  readonly connectionCount: number
  readonly counters: Readonly<Counters>
  /**
   * Ends every connection (`disconnected` frame, close 1001) and accepts no more. Resolves when all handlers have been
   * told.
   */
  close(reason?: string): Promise<void>
}

/** Throws for options that cannot work. */
export function createWebPubSub(options: WebPubSubOptions): WebPubSub {
  const endpoint = readEndpoint(options)
  const engine = createEngine(options)
  const { keys, acceptedHosts = [] } = options
  const tokens = createTokens({ endpoint, keys, acceptedHosts, clock: engine.clock })
  const stopWatch = startWatch(engine)
  let isClosing = false
  return {
    isClientPath,
    upgrade: (request, server) => upgrade({ engine, tokens, isClosing: () => isClosing }, request, server),
    websocket: createSocketHandler(engine),
    service: (hub) => createService({ engine, tokens, endpoint }, hub),
    get connectionCount() {
      return [...engine.hubs.values()].reduce((sum, { connections }) => sum + connections.size, 0)
    },
    counters: engine.counters,
    async close(reason = closeReasons.reload.text) {
      isClosing = true
      stopWatch()
      for (const connection of allConnections(engine)) closeConnection(connection, { code: 1001, text: reason })
      await Promise.all(engine.farewells)
    },
  }
}

function readEndpoint({ endpoint, keys, hubs }: WebPubSubOptions): URL {
  const url = URL.parse(endpoint)
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === ''
  if (!isOrigin) throw new TypeError(`endpoint: ${endpoint} is not an http or https address without a path`)
  if (keys.some((key) => key === '')) throw new TypeError('keys: a key is empty')
  const badHub = Object.keys(hubs).find((name) => !isHubName(name))
  if (badHub !== undefined) throw new TypeError(`hubs: ${badHub} is not a hub name`)
  return url
}

function createEngine({ hubs, log = () => {}, clock = Date.now, limits }: WebPubSubOptions): Engine {
  const engine: Engine = {
    hubs: new Map(),
    limits: { ...defaultLimits, ...limits },
    clock,
    log,
    server: undefined,
    farewells: new Set(),
    counters: { slowConnections: 0, floodingConnections: 0, lostConnections: 0 },
    lastTopicId: 0,
    beforePublish: () => {},
  }
  for (const [name, { handler }] of Object.entries(hubs)) openHub(engine, name).handler = handler
  return engine
}

const allConnections = ({ hubs }: Engine) =>
  [...hubs.values()].flatMap(({ connections }) => Array.from(connections.values()))

interface Door {
  engine: Engine
  tokens: Tokens
  isClosing: () => boolean
}

async function upgrade(door: Door, request: Request, server: Server<Connection>): Promise<Response | undefined> {
  const { engine, tokens } = door
  const handshake = await shakeHands(engine, tokens, request)
  if (!handshake.ok) return respond(handshake.rejection)
  if (door.isClosing()) return respond({ status: 503, text: closeReasons.reload.text })
  if (engine.server && engine.server !== server) throw new Error('a WebPubSub belongs to one Bun server')
  engine.server = server
  // without a value of ours Bun would echo the client's first offer, whatever it is
  const headers = { 'Sec-WebSocket-Protocol': handshake.subprotocolName ?? '' }
  const isUpgraded = server.upgrade(request, { data: newConnection(handshake.admission), headers })
  return isUpgraded ? undefined : respond({ status: 400, text: 'The WebSocket upgrade is incomplete.' })
}

const respond = ({ status, text }: Rejection) => new Response(text === '' ? null : text, { status })

/** Compression stays off, which is always safe (spec 3.1). */
function createSocketHandler({ limits, log }: Engine): WebSocketHandler<Connection> {
  const markAlive = ({ data: connection }: { data: Connection }) => {
    connection.isAlive = true
  }
  return {
    maxPayloadLength: limits.frameMaxBytes,
    backpressureLimit: limits.outboundHardMaxBytes,
    closeOnBackpressureLimit: true,
    // our own watch pings: see there
    idleTimeout: 0,
    sendPings: false,
    open: (socket) => openConnection(socket.data, socket),
    message: ({ data: connection }, data) => receive(connection, data),
    ping: markAlive,
    pong: markAlive,
    close: ({ data: connection }, code, reason) => {
      if (!connection.hasEnded && code === 1006 && connection.isPressured) countSlow(connection)
      endConnection(connection, reason)
    },
    error: (error, { data: connection }) => {
      log({ level: 'error', event: 'socketFailed', hub: connection.hub.name, error: describeError(error) })
      closeConnection(connection, closeReasons.failed)
    },
  }
}
