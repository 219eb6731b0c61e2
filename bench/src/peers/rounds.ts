import type { Sample, Span } from './load.ts'
import { type Cell, median, noCell, type Row, toCell } from './rows.ts'
import type { Kit, Session } from './session.ts'
import type { Target } from './target.ts'

export interface RoundsOptions {
  row: Omit<Row, 'cells'>
  targets: readonly Target[]
  open: (target: Target) => Promise<Session>
  measure: (session: Session, span: Span) => Promise<Sample>
  /** What counts as the value of a round. */
  of: (sample: Sample) => number
}

/**
 * Opens all targets, then measures them in turn, in short rounds back and forth, so that whatever else the machine does
 * falls on all of them alike. A target that fails is told with its reason and does not stop the others.
 */
export async function measureInRounds(kit: Kit, options: RoundsOptions): Promise<Row> {
  const { row, targets } = options
  kit.tell(`${row.title}: opening`)
  const cells = new Map<string, Cell>()
  const sessions: Session[] = []
  for (const target of targets) {
    const reason = target.missing()
    if (reason !== undefined) cells.set(target.id, noCell(`not installed: ${reason}`))
    else
      await options.open(target).then(
        (session) => sessions.push(session),
        (error) => cells.set(target.id, failure(error)),
      )
  }
  const samples = await runRounds(kit, options, { sessions, cells })
  await Promise.all(sessions.map((session) => session.close()))
  for (const [id, rounds] of samples)
    if (!cells.has(id)) cells.set(id, withRatio(rounds, samples.get('bare'), options.of))
  return { ...row, cells }
}

const failure = (error: unknown): Cell => noCell(error instanceof Error ? error.message : String(error))

interface Taking {
  sessions: readonly Session[]
  cells: Map<string, Cell>
}

const quick = { rounds: 1, warmMs: 500, measureMs: 500 }
const whole = { rounds: 5, warmMs: 300, measureMs: 1_000 }
/** Compilers at run time need a while. */
const firstWarmMs = 1_000

async function runRounds(kit: Kit, { row, measure }: RoundsOptions, { sessions, cells }: Taking) {
  const { rounds, warmMs, measureMs } = kit.isQuick ? quick : whole
  const samples = new Map<string, Sample[]>()
  for (let round = 0; round < rounds; round++) {
    kit.tell(`${row.title}: round ${round + 1} of ${rounds}`)
    const order = round % 2 === 0 ? sessions : sessions.toReversed()
    for (const session of order.filter(({ target }) => !cells.has(target.id))) {
      const { target, server } = session
      const known = samples.get(target.id) ?? []
      samples.set(target.id, known)
      await measure(session, { warmMs: round === 0 ? firstWarmMs : warmMs, measureMs, pids: server.pids() }).then(
        (sample) => known.push(sample),
        (error) => cells.set(target.id, failure(error)),
      )
    }
  }
  return samples
}

/** The ratio is of each round to the limit's round beside it, which shares its noise. */
function withRatio(
  rounds: readonly Sample[],
  limit: readonly Sample[] | undefined,
  of: (sample: Sample) => number,
): Cell {
  const cell = toCell(rounds, of)
  if (!limit || limit.length < rounds.length) return cell
  const rate = (sample: Sample | undefined) => (sample ? of(sample) / sample.seconds : Number.NaN)
  return { ...cell, ofBare: median(rounds.map((sample, at) => rate(sample) / rate(limit[at]))) }
}
