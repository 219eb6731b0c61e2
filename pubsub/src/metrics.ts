import packageJson from '../package.json'
import { type Counters, type HubCounters, upstreamBucketSeconds, type UpstreamTimes } from './counters.ts'
import { formatMetrics, type Labels, type Metric, type Sample } from './metrics-format.ts'
import { processMetrics } from './metrics-process.ts'
import type { Engine, Hub } from './model.ts'

/**
 * Everything that is counted and measured, as Prometheus reads it; hubs where nothing was ever counted are left out.
 * Walks over all connections once.
 */
export function renderMetrics(engine: Engine): string {
  const hubs = [...engine.hubs.values()].filter(({ counters }) => isInUse(counters))
  return formatMetrics([...serviceMetrics(engine, hubs), ...hubMetrics(hubs), ...processMetrics()])
}

/** Somebody connected, tried to, or came back. */
function isInUse({ connectionsOpened, recoveriesFailed, handshakesRefused, upstream }: HubCounters): boolean {
  const calls = Object.values(upstream).some(({ count }) => count > 0)
  return connectionsOpened > 0 || recoveriesFailed > 0 || calls || Object.keys(handshakesRefused).length > 0
}

function serviceMetrics(engine: Engine, hubs: Hub[]): Metric[] {
  const { counters, handshakeCount, isDraining } = engine
  const build = { labels: { version: packageJson.version, bun: Bun.version }, value: 1 }
  return [
    gauge('build_info', 'The version that runs; always 1.', [build]),
    gauge('draining', '1 while the service takes no new connections because it is about to stop.', [
      { value: Number(isDraining) },
    ]),
    gauge('handshakes_in_flight', 'Handshakes that wait for their backend.', [{ value: handshakeCount }]),
    counter('handshakes_refused_total', 'Handshakes refused, by status.', refusedHandshakes(hubs, counters)),
    counter('slow_connections_total', 'Connections closed because they did not read what was sent to them.', [
      { value: counters.slowConnections },
    ]),
    counter('flooding_connections_total', 'Connections closed because they sent faster than events are handled.', [
      { value: counters.floodingConnections },
    ]),
    counter('lost_connections_total', 'Connections closed because they answered no ping.', [
      { value: counters.lostConnections },
    ]),
  ]
}

function hubMetrics(hubs: Hub[]): Metric[] {
  const looks = hubs.map((hub) => ({ hub, look: lookAt(hub) }))
  return [
    gauge(
      'connections',
      'Connections by hub and subprotocol, with those that are away and may come back.',
      looks.flatMap(({ hub, look }) =>
        [...look.bySubprotocol].map(([subprotocol, value]) => ({ labels: { hub: hub.name, subprotocol }, value })),
      ),
    ),
    gauge(
      'users',
      'Users with at least one connection.',
      perHub(hubs, ({ users }) => users.size),
    ),
    gauge(
      'groups',
      'Groups with at least one member.',
      perHub(hubs, ({ groups }) => groups.size),
    ),
    gauge('detached_sessions', 'Reliable connections whose socket is gone and that may come back.', sum('detached')),
    gauge('outbound_queue_bytes', 'Bytes that sockets hold until clients read them.', sum('queuedBytes')),
    gauge('session_buffer_bytes', 'Bytes that reliable connections hold until clients confirm them.', sum('heldBytes')),
    ...hubCounters(hubs),
  ]

  function sum(fact: 'detached' | 'queuedBytes' | 'heldBytes'): Sample[] {
    return looks.map(({ hub, look }) => ({ labels: { hub: hub.name }, value: look[fact] }))
  }
}

interface Look {
  bySubprotocol: Map<string, number>
  detached: number
  queuedBytes: number
  heldBytes: number
}

function lookAt({ connections }: Hub): Look {
  const look: Look = { bySubprotocol: new Map(), detached: 0, queuedBytes: 0, heldBytes: 0 }
  for (const { context, socket, session } of connections.values()) {
    const name = context.subprotocol ?? 'none'
    look.bySubprotocol.set(name, (look.bySubprotocol.get(name) ?? 0) + 1)
    look.queuedBytes += socket?.getBufferedAmount() ?? 0
    look.heldBytes += session?.bytes ?? 0
    if (session?.detachedAt !== undefined) look.detached++
  }
  return look
}

const hubCounters = (hubs: Hub[]): Metric[] => [
  counter(
    'connections_opened_total',
    'Connections accepted.',
    perHub(hubs, ({ counters }) => counters.connectionsOpened),
  ),
  counter('connections_closed_total', 'Connections ended, by reason.', byReason(hubs)),
  counter(
    'recoveries_total',
    'Reliable connections that came back, or tried to.',
    hubs.flatMap(({ name: hub, counters }) => [
      { labels: { hub, result: 'succeeded' }, value: counters.recoveries },
      { labels: { hub, result: 'failed' }, value: counters.recoveriesFailed },
    ]),
  ),
  ...traffic.map(([name, help, key]) =>
    counter(
      name,
      help,
      perHub(hubs, ({ counters }) => counters[key]),
    ),
  ),
  {
    name: 'webpubsub_upstream_duration_seconds',
    help: 'Time that event handlers took to answer, by outcome.',
    type: 'histogram',
    samples: hubs.flatMap(({ name: hub, counters }) =>
      Object.entries(counters.upstream).map(([outcome, times]) => histogramOf(times, { hub, outcome })),
    ),
  },
]

const traffic = [
  ['frames_received_total', 'Frames that clients sent.', 'framesIn'],
  ['received_bytes_total', 'Bytes of those frames.', 'bytesIn'],
  ['frames_sent_total', 'Frames sent to clients, one for each receiver.', 'framesOut'],
  ['sent_bytes_total', 'Bytes of those frames.', 'bytesOut'],
] as const

const byReason = (hubs: Hub[]): Sample[] =>
  hubs.flatMap(({ name: hub, counters }) =>
    Object.entries(counters.connectionsClosed).map(([reason, value]) => ({ labels: { hub, reason }, value })),
  )

/** Those that named no hub there is have an empty one. */
function refusedHandshakes(hubs: Hub[], counters: Counters): Sample[] {
  return Object.entries(counters.handshakesRefused).flatMap(([status, total]) => {
    const named = hubs.map(({ name, counters }) => {
      const value = new Map(Object.entries(counters.handshakesRefused)).get(status) ?? 0
      return { labels: { hub: name, status }, value }
    })
    const rest = named.reduce((left, { value }) => left - value, total)
    return named.concat({ labels: { hub: '', status }, value: rest })
  })
}

const histogramOf = ({ count, seconds, buckets }: UpstreamTimes, labels: Labels) => ({
  labels,
  buckets: upstreamBucketSeconds.map((bound, at) => ({ bound, count: buckets[at] ?? 0 })),
  count,
  sum: seconds,
})

const metricOf =
  (type: 'counter' | 'gauge') =>
  (name: string, help: string, samples: Sample[]): Metric => ({ name: `webpubsub_${name}`, help, type, samples })
const counter = metricOf('counter')
const gauge = metricOf('gauge')

const perHub = (hubs: Hub[], value: (hub: Hub) => number): Sample[] =>
  hubs.map((hub) => ({ labels: { hub: hub.name }, value: value(hub) }))
