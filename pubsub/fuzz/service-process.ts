import { heapStats } from 'bun:jsc'
import { createFetch } from '../src/http.ts'
import type { Connection, Hub, LogEntry } from '../src/model.ts'
import type { EventHandler } from '../src/ports.ts'
import { createRest } from '../src/rest/rest.ts'
import { listen } from '../src/start/listen.ts'
import { createWebPubSub } from '../src/web-pubsub.ts'
import type { Measure, ToParent, ToService } from './service-control.ts'
import { fuzzKey } from './tokens.ts'

/** The service under fuzz: everything real, in a process of its own. Talks to its parent over IPC. */

const say = (message: ToParent) => process.send?.(message)

const handler: EventHandler = {
  connect: async ({ query }) => {
    if (query['slow']) await Bun.sleep(5)
    return query['refuse'] ? { accept: false, status: 403 } : { accept: true }
  },
  connected: async () => {},
  event: async (_context, { name, payload, metadata = {} }) => {
    if (name.toLowerCase() === 'slow') await Bun.sleep(1)
    if (name.toLowerCase() === 'state') return { state: payload.dataType }
    // what was parsed is written anew, as many backends do; `echo` passes the text on
    if (name.toLowerCase() === 'copy' && payload.dataType === 'json')
      return { reply: { dataType: 'json', data: payload.data } }
    return { reply: payload, metadata }
  },
  disconnected: async () => {},
}

const listener = listen({ hostname: '127.0.0.1', port: 0, tls: undefined })
const pubsub = createWebPubSub({
  endpoint: listener.url,
  acceptedHosts: listener.hosts,
  keys: [fuzzKey],
  hubs: { fuzz: { handler }, open: { handler, allowsAnonymous: true } },
  // who vanished is forgotten before the run ends
  limits: { recoveryMs: 1_000, watchMs: 500 },
  log: report,
})
const { engine } = pubsub.inside
const fetch = createFetch({
  engine,
  pubsub,
  rest: createRest(pubsub.inside),
  inspector: undefined,
  metrics: 'loopback',
})
listener.answerWith({ fetch, websocket: pubsub.websocket, inside: pubsub.inside })

/** A warning is the service doing its work; an error is a fault of its own. */
function report(entry: LogEntry): void {
  if (entry.level === 'error') say({ type: 'fault', entry: JSON.stringify(entry) })
}

process.on('message', (message: ToService) => {
  if (message.type === 'measure') say({ type: 'measure', measure: measure() })
  else process.exit(0)
})
process.on('disconnect', () => process.exit(0))
say({ type: 'ready', url: listener.url })

function measure(): Measure {
  Bun.gc(true)
  const { heapSize, objectCount } = heapStats()
  const hubs = [...engine.hubs.values()]
  return {
    rssBytes: process.memoryUsage.rss(),
    heapBytes: heapSize,
    objects: objectCount,
    connections: engine.connectionCount,
    sockets: sum(hubs, ({ connections }) => [...connections.values()].filter(hasSocket).length),
    handshakes: engine.handshakeCount,
    groups: hubs.flatMap(({ groups }) => Array.from(groups.keys())),
    users: hubs.flatMap(({ users }) => Array.from(users.keys())),
    detached: engine.detached.size,
    streaming: engine.streaming.size,
    farewells: engine.farewells.size,
    framesIn: sum(hubs, ({ counters }) => counters.framesIn),
    opened: sum(hubs, ({ counters }) => counters.connectionsOpened),
    recoveries: sum(hubs, ({ counters }) => counters.recoveries),
  }
}

const hasSocket = ({ socket }: Connection) => socket !== undefined
const sum = (hubs: Hub[], count: (hub: Hub) => number) => hubs.reduce((total, hub) => total + count(hub), 0)
