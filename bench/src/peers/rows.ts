import type { Sample } from './load.ts'

/** What one target did in one row: the median round, and what all rounds spread over. */
export interface Cell {
  /** In the unit of the row, per second (or bytes, for memory). */
  value: number
  lowest: number
  highest: number
  /** Of the bare loop in the same round, at the median. */
  ofBare?: number
  /** CPU seconds a second. */
  serverCores?: number
  loadCores?: number
  /** Milliseconds. */
  p50?: number
  p99?: number
  p999?: number
  /** Why there is no value, or what is wrong with it. */
  fault?: string
}

export interface Row {
  id: string
  title: string
  unit: string
  /** Less is better; by default more is. */
  isCost?: boolean
  cells: Map<string, Cell>
}

export const noCell = (fault: string): Cell => ({ value: Number.NaN, lowest: Number.NaN, highest: Number.NaN, fault })

/** Sums up the rounds of one target; `of` says what counts as its value. */
export function toCell(samples: readonly Sample[], of: (sample: Sample) => number): Cell {
  const rates = samples.map((sample) => of(sample) / sample.seconds)
  const lost = samples.reduce((sum, { missing }) => sum + missing, 0)
  const refused = samples.reduce((sum, { refused }) => sum + refused, 0)
  const faults = [
    ...(lost > 0 ? [`${lost} messages lost`] : []),
    ...(refused > 0 ? [`${refused} requests refused`] : []),
  ]
  const middle = (pick: (sample: Sample) => number) => median(samples.map(pick))
  return {
    value: median(rates),
    lowest: Math.min(...rates),
    highest: Math.max(...rates),
    serverCores: middle(({ serverCpu, seconds }) => serverCpu / seconds),
    loadCores: middle(({ loadCpu, seconds }) => loadCpu / seconds),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    p999: middle(({ p999 }) => p999),
    ...(faults.length > 0 && { fault: faults.join(', ') }),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}
