/** Totals since the start. Plain numbers, so that counting costs nothing; `metrics` gives them their public names. */
export interface HubCounters {
  connectionsOpened: number
  /** By reason, as Azure names its connection close categories (spec 12). */
  connectionsClosed: Record<CloseCategory, number>
  /** Reliable connections that came back. */
  recoveries: number
  /** Attempts to come back to a connection that is gone, or with a wrong token. */
  recoveriesFailed: number
  framesIn: number
  bytesIn: number
  /** One for each receiver. */
  framesOut: number
  bytesOut: number
  /** By the status of the answer. */
  handshakesRefused: Record<number, number>
  upstream: Record<UpstreamOutcome, UpstreamTimes>
}

const closeCategories = [
  'Normal',
  'ClosedByAppServer',
  'ServiceReload',
  'BadRequest',
  'Unauthorized',
  'Throttled',
  'SlowClient',
  'PingTimeout',
  'SendEventFailed',
  'ServiceTransientError',
  'ConnectionLost',
] as const
export type CloseCategory = (typeof closeCategories)[number]

const upstreamOutcomes = ['succeeded', 'failed', 'unhandled'] as const
export type UpstreamOutcome = (typeof upstreamOutcomes)[number]

/** Calls of the event handler and how long they took, as a histogram. */
export interface UpstreamTimes {
  count: number
  seconds: number
  /** For each bound of `upstreamBucketSeconds` how many took at most that long. */
  buckets: number[]
}

/** Those of Azure's own latency classes (100 ms, 500 ms, 1 s, 5 s), and finer ones below. */
export const upstreamBucketSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const

/** Of the whole process: what happened before a hub was known. */
export interface Counters {
  /** Connections that were closed because they did not read what was sent to them. */
  slowConnections: number
  /** Connections that were closed because they sent faster than their events are handled. */
  floodingConnections: number
  /** Connections that answered no ping. */
  lostConnections: number
  /** Handshakes by the status they were refused with, also those that name no hub there is. */
  handshakesRefused: Record<number, number>
}

export const newCounters = (): Counters => ({
  slowConnections: 0,
  floodingConnections: 0,
  lostConnections: 0,
  handshakesRefused: {},
})

export const newHubCounters = (): HubCounters => ({
  connectionsOpened: 0,
  connectionsClosed: zeroes(closeCategories),
  recoveries: 0,
  recoveriesFailed: 0,
  framesIn: 0,
  bytesIn: 0,
  framesOut: 0,
  bytesOut: 0,
  handshakesRefused: {},
  upstream: { succeeded: newTimes(), failed: newTimes(), unhandled: newTimes() },
})

const newTimes = (): UpstreamTimes => ({ count: 0, seconds: 0, buckets: upstreamBucketSeconds.map(() => 0) })

const zeroes = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number> // one entry for each name

export const countStatus = (statuses: Record<number, number>, status: number) => {
  statuses[status] = (statuses[status] ?? 0) + 1
}

/** Starts timing a call of a hub's event handler; what comes back counts it, once it is over. */
export function timeUpstream({ upstream }: HubCounters): (outcome: UpstreamOutcome) => void {
  const startedAt = performance.now()
  return (outcome) => countTime(upstream[outcome], (performance.now() - startedAt) / 1_000)
}

function countTime(times: UpstreamTimes, seconds: number): void {
  times.count++
  times.seconds += seconds
  for (const [at, bound] of upstreamBucketSeconds.entries())
    if (seconds <= bound) times.buckets[at] = (times.buckets[at] ?? 0) + 1
}
