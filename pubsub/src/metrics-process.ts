import { readdirSync, readFileSync } from 'node:fs'
import type { Metric } from './metrics-format.ts'

/** What every Prometheus client tells of its process, under the conventional names. Linux alone tells all of it. */
export function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const startedAt = Math.round(performance.timeOrigin) / 1_000
  const metrics: [name: string, type: 'counter' | 'gauge', value: number | undefined, help: string][] = [
    ['process_cpu_seconds_total', 'counter', (user + system) / 1e6, 'CPU time spent, user and system, in seconds.'],
    ['process_resident_memory_bytes', 'gauge', process.memoryUsage.rss(), 'Resident memory in bytes.'],
    ['process_start_time_seconds', 'gauge', startedAt, 'Start of the process in seconds since 1970.'],
    ['process_open_fds', 'gauge', openFiles(), 'Open file descriptors.'],
    ['process_max_fds', 'gauge', maxFiles(), 'File descriptors that may be open.'],
  ]
  return metrics.flatMap(([name, type, value, help]) =>
    value === undefined ? [] : [{ name, type, help, samples: [{ value }] }],
  )
}

/** `undefined` where there is no `/proc`. */
const openFiles = () => fromProc(() => readdirSync('/proc/self/fd').length)

const maxFiles = () =>
  fromProc(() => {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  })

function fromProc(read: () => number | undefined): number | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
