import { type RunningChatr, startChatr } from '@chatr/e2e/start-chatr'
import { percentile, residentMb } from './process.ts'

export interface StartRow {
  /** Milliseconds from starting the process to the first page having come. */
  firstPageMs: { median: number; max: number }
  /** Resident memory with nobody there, in MB. */
  atRestMb: number
}

/** Starts Chatr with data of its own, as `make run` does once it has installed, and fetches the sign-in page. */
export async function measureStart(rounds = 7): Promise<StartRow> {
  const times: number[] = []
  let atRestMb = 0
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    const chatr: RunningChatr = await startChatr()
    await (await fetch(`${chatr.url}/login`)).text()
    times.push(performance.now() - startedAt)
    atRestMb = residentMb(chatr.pid)
    await chatr.remove()
  }
  const sorted = times.toSorted((one, other) => one - other)
  return { firstPageMs: { median: percentile(sorted, 0.5), max: sorted.at(-1) ?? Number.NaN }, atRestMb }
}
