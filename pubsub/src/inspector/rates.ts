import type { HubCounters } from '../counters.ts'
import type { Engine, Hub } from '../model.ts'
import { feedLimits, type Sample } from './feed.ts'

/** What happened in each second of the last three minutes. A second of a hub costs a few additions. */
export interface Rates {
  /** To be called once a second. */
  sample(): void
  latest(hub: Hub): Sample
  /** Oldest first. */
  past(hub: Hub): Sample[]
  /** Of one core, in the last second. */
  readonly cpuShare: number
}

interface Track {
  totals: Totals
  samples: Sample[]
}
type Totals = [framesIn: number, framesOut: number, bytesIn: number, bytesOut: number, calls: number]

export function createRates(engine: Engine): Rates {
  const tracks = new WeakMap<Hub, Track>()
  let cpu = { at: performance.now(), microseconds: usedCpu() }
  let cpuShare = 0
  // what they did before counts as nothing: nobody knows when it was
  for (const hub of engine.hubs.values()) tracks.set(hub, { totals: totalsOf(hub.counters), samples: [] })
  return {
    sample() {
      const now = performance.now()
      const seconds = Math.max(0.001, (now - cpu.at) / 1000)
      const microseconds = usedCpu()
      cpuShare = (microseconds - cpu.microseconds) / 1_000_000 / seconds
      cpu = { at: now, microseconds }
      for (const hub of engine.hubs.values()) sampleHub(tracks, hub, seconds)
    },
    latest: (hub) => tracks.get(hub)?.samples.at(-1) ?? [hub.connections.size, 0, 0, 0, 0, 0],
    past: (hub) => tracks.get(hub)?.samples ?? [],
    get cpuShare() {
      return cpuShare
    },
  }
}

function usedCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function sampleHub(tracks: WeakMap<Hub, Track>, hub: Hub, seconds: number): void {
  const totals = totalsOf(hub.counters)
  const track = tracks.get(hub) ?? { totals: [0, 0, 0, 0, 0], samples: [] }
  tracks.set(hub, track)
  const rate = (at: 0 | 1 | 2 | 3 | 4) => Math.round((totals[at] - track.totals[at]) / seconds)
  track.samples.push([hub.connections.size, rate(0), rate(1), rate(2), rate(3), rate(4)])
  track.totals = totals
  if (track.samples.length > feedLimits.samples) track.samples.shift()
}

const totalsOf = ({ framesIn, framesOut, bytesIn, bytesOut, upstream }: HubCounters): Totals => [
  framesIn,
  framesOut,
  bytesIn,
  bytesOut,
  upstream.succeeded.count + upstream.failed.count,
]
