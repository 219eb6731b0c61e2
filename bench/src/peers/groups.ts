import { measureInRounds } from './rounds.ts'
import type { Row } from './rows.ts'
import { type Kit, openSession } from './session.ts'

const big = { groups: 1, members: 1_000, textBytes: 100, sampleEvery: 10 }
const scenarios = [
  { id: 'big-1', title: 'one group of 1,000, 1 send in flight', crowd: big, inFlight: 1 },
  { id: 'big-16', title: 'one group of 1,000, 16 sends in flight', crowd: big, inFlight: 16 },
  { id: 'big-128', title: 'one group of 1,000, 128 sends in flight', crowd: big, inFlight: 128 },
  {
    id: 'groups',
    title: '1,500 groups of 10, 1 send in flight in each',
    crowd: { groups: 1_500, members: 10, textBytes: 100, sampleEvery: 10 },
    inFlight: 1,
  },
  {
    id: 'pairs',
    title: '2,000 pairs, 1 send in flight in each',
    crowd: { groups: 2_000, members: 2, textBytes: 100, sampleEvery: 2 },
    inFlight: 1,
  },
]

/** Closed loops: when a message has arrived at all members of its group, the next member sends one. */
export async function measureGroups(kit: Kit): Promise<Row[]> {
  const rows: Row[] = []
  for (const { id, title, crowd, inFlight } of scenarios.filter(({ id }) => kit.wants(id)))
    rows.push(
      await measureInRounds(kit, {
        row: { id, title, unit: 'deliveries/s' },
        targets: kit.targets,
        open: (target) => openSession(kit, target, crowd),
        measure: ({ load }, span) => load.closed(inFlight, span),
        of: ({ deliveries }) => deliveries,
      }),
    )
  return rows
}
