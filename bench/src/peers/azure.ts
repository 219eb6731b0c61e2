import { openBacked } from './http-rows.ts'
import type { Crowd } from './plan.ts'
import type { Sample, Span } from './load.ts'
import { type Kit, openSession, type Session } from './session.ts'
import type { Target } from './target.ts'
import { broadcast, events, pubsub } from './targets/pubsub.ts'

/** One cell of Azure's performance guide, at its rate: messages of 2 KB, good when 99 % take less than a second. */
export interface AzureCell {
  scenario: string
  unit: number
  connections: number
  inbound: number
  outbound: number
  sample: Sample | undefined
  fault?: string
}

interface Scenario {
  title: string
  target: Target
  crowd: (unit: number) => Omit<Crowd, 'textBytes'>
  /** Sends a second. */
  rate: (unit: number) => number
}

const httpConns = 32
const scenarios: readonly Scenario[] = [
  {
    title: 'send to big group (10 groups)',
    target: pubsub,
    crowd: (unit) => ({ groups: 10, members: 100 * unit }),
    rate: () => 30,
  },
  {
    title: 'send to small group (of 10)',
    target: pubsub,
    crowd: (unit) => ({ groups: 100 * unit, members: 10 }),
    rate: (unit) => 400 * unit,
  },
  {
    title: 'event to upstream and echo',
    target: events,
    crowd: (unit) => ({ groups: 1_000 * unit, members: 1 }),
    rate: (unit) => 500 * unit,
  },
  {
    title: 'REST send to user',
    target: pubsub,
    crowd: (unit) => ({ groups: 1_000 * unit, members: 1, httpConns, httpRequests: 10_000 }),
    rate: (unit) => 180 * unit,
  },
  {
    title: 'REST broadcast',
    target: broadcast,
    crowd: (unit) => ({ groups: 1, members: 1_000 * unit, httpConns, httpRequests: 1_000 }),
    rate: () => 3,
  },
]

/** Azure's published table, on one core of this machine. */
export async function measureAzure(kit: Kit): Promise<AzureCell[]> {
  if (!kit.wants('azure') || !kit.targets.some(({ id }) => id === 'pubsub')) return []
  const cells: AzureCell[] = []
  for (const scenario of scenarios)
    for (const unit of kit.isQuick ? [1] : [1, 2, 5, 10]) cells.push(await measure(kit, scenario, unit))
  return cells
}

async function measure(kit: Kit, { title, target, crowd, rate }: Scenario, unit: number): Promise<AzureCell> {
  kit.tell(`Azure's table, unit ${unit}: ${title}`)
  const people = { ...crowd(unit), textBytes: 2_048 }
  const inbound = rate(unit)
  const about = { scenario: title, unit, connections: 1_000 * unit, inbound, outbound: inbound * people.members }
  const open = target === events ? openBacked : openSession
  const [warmMs, measureMs] = kit.isQuick ? [300, 1_000] : [1_000, 5_000]
  try {
    const session = await open(kit, target, people)
    try {
      return { ...about, sample: await measureCalmly(session, inbound, { warmMs, measureMs }) }
    } finally {
      await session.close()
    }
  } catch (error) {
    return { ...about, sample: undefined, fault: error instanceof Error ? error.message : String(error) }
  }
}

/** A machine that gives its cores to others for longer than this says nothing about a server. */
const calmMs = 20
const tries = 3

/** The calmest of at most three tries; one is enough where the load generator was never kept waiting. */
async function measureCalmly(session: Session, rate: number, span: Omit<Span, 'pids'>): Promise<Sample> {
  const samples: Sample[] = []
  while (samples.length < tries && !samples.some(({ stalledMs }) => stalledMs < calmMs))
    samples.push(await session.load.paced(rate, { ...span, pids: session.server.pids() }))
  const [calmest] = samples.toSorted((one, other) => one.stalledMs - other.stalledMs)
  if (!calmest) throw new Error('one try at least was made')
  return calmest
}
