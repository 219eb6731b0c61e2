import type { Result } from '../model.ts'

export interface Report {
  subject: string
  runtime: string
  packages: string[]
  ms: number
  results: readonly Result[]
}

export interface Tally {
  area: string
  holds: number
  differs: number
  notApplicable: number
}

/** Totals by area, in the order in which the areas come. */
export function tally(results: readonly Result[]): Tally[] {
  const rows = new Map<string, Tally>()
  for (const { area, outcome } of results) {
    const row = rows.get(area) ?? { area, holds: 0, differs: 0, notApplicable: 0 }
    rows.set(area, row)
    row[counters[outcome.status]] += 1
  }
  return [...rows.values()]
}

const counters = { holds: 'holds', differs: 'differs', 'not applicable': 'notApplicable' } as const

export const sum = (rows: readonly Tally[], column: Exclude<keyof Tally, 'area'>) =>
  rows.reduce((total, row) => total + row[column], 0)
