import type { AzureCell } from './azure.ts'
import { costOf } from './costs.ts'
import { fixed, ms, tableOf, whole } from './format.ts'
import type { Cell, Row } from './rows.ts'
import { ours } from './targets/all.ts'

interface Verdict {
  aim: string
  measured: string
  isMet: boolean
  /** What keeps it from being met. */
  cost?: string
}

const saturated = 'big-128'
const ratesOfReliable = new Set(['big-1', 'big-16', 'big-128', 'groups', 'pairs'])
const atLeast: Record<string, number> = { rest: 10_000, events: 5_000 }
const idleMaxBytes = 3_072
const unitTenMaxMs = 100

/** What the release wanted, beside what was measured. Rows that were not measured say nothing. */
export function aimsTable(rows: readonly Row[], azure: readonly AzureCell[]): string {
  const verdicts = [...rows.flatMap(judgeRow), ...azure.filter(({ unit }) => unit === 10).map(judgeAzure)]
  const lines = verdicts.map(({ aim, measured, isMet, cost = '' }) => [
    aim,
    measured,
    isMet ? 'met' : '**missed**',
    isMet ? '' : cost,
  ])
  return tableOf(['aim', 'measured', '', 'remaining cost'], lines)
}

function judgeRow(row: Row): Verdict[] {
  const own = row.cells.get('pubsub') ?? row.cells.get('events')
  if (!own) return []
  const verdicts = [againstLimit(row, own), againstPeers(row, own), againstNumber(row, own), againstPlain(row, own)]
  return verdicts.flatMap((verdict) => (verdict ? [{ cost: costOf(row.id), ...verdict }] : []))
}

function againstLimit({ id, title, isCost }: Row, { ofBare = Number.NaN }: Cell): Verdict | undefined {
  if (isCost || Number.isNaN(ofBare)) return undefined
  const wanted = id === saturated ? 0.7 : 0.9
  return { aim: `${title}: ${wanted} of the bare loop`, measured: fixed(ofBare, 2), isMet: ofBare >= wanted }
}

function againstPeers({ title, cells, isCost }: Row, { value }: Cell): Verdict | undefined {
  const peers = [...cells].filter(
    ([id, cell]) => !ours.includes(id) && id !== 'bare' && id !== 'events' && !Number.isNaN(cell.value),
  )
  const [first] = peers.toSorted(([, one], [, other]) => (isCost ? one.value - other.value : other.value - one.value))
  if (!first) return undefined
  const [id, best] = first
  const isMet = isCost ? value < best.value : value > best.value
  return {
    aim: `${title}: ahead of every peer`,
    measured: `${whole(value)} against ${whole(best.value)} (${id})`,
    isMet,
  }
}

function againstNumber({ id, title, isCost, unit }: Row, { value }: Cell): Verdict | undefined {
  if (isCost)
    return {
      aim: `${title}: under ${whole(idleMaxBytes)} ${unit}`,
      measured: whole(value),
      isMet: value < idleMaxBytes,
    }
  const wanted = atLeast[id]
  if (wanted === undefined) return undefined
  return { aim: `${title}: ${whole(wanted)} ${unit}`, measured: whole(value), isMet: value >= wanted }
}

function againstPlain({ id, title, cells }: Row, { value }: Cell): Verdict | undefined {
  const reliable = cells.get('reliable')
  if (!reliable || !ratesOfReliable.has(id)) return undefined
  const share = reliable.value / value
  return {
    aim: `${title}: reliable at half of plain`,
    measured: fixed(share, 2),
    isMet: share >= 0.5,
    cost: costOf('reliable'),
  }
}

function judgeAzure({ scenario, sample, fault }: AzureCell): Verdict {
  const aim = `Azure's unit 10, ${scenario}: p99 under ${unitTenMaxMs} ms`
  if (!sample) return { aim, measured: fault ?? 'nothing', isMet: false }
  const { p99, missing, skipped } = sample
  return { aim, measured: `${ms(p99)} ms`, isMet: p99 < unitTenMaxMs && missing + skipped === 0, cost: costOf('azure') }
}
