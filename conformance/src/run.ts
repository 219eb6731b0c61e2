import { openCallbackServer } from './kit/callback.ts'
import { type Context, openContext } from './kit/context.ts'
import { Difference } from './kit/expect.ts'
import type { Target } from './kit/target.ts'
import type { Case, Need, Outcome, Result } from './model.ts'
import { startOwnService } from './own-service.ts'

export interface RunOptions {
  /** Undefined: the service of this repository is started for the run. */
  target: Target | undefined
  cases: readonly Case[]
  /** What the names of hubs begin with. */
  hub: string
  isSlowIncluded: boolean
  /** Cases under way at once. */
  concurrency: number
  onResult?: (result: Result) => void
}

export interface Run {
  /** What was asked: a name and version, or the address. */
  subject: string
  results: Result[]
  ms: number
}

/** Asks every case of a hub of its own; results are in the order of the cases. */
export async function run(options: RunOptions): Promise<Run> {
  const startedAt = performance.now()
  const suffix = Date.now().toString(36)
  const plans = options.cases.map((row, at) => ({ row, hub: `${options.hub}_${suffix}_${at}` }))
  const callback = await openCallbackServer()
  const hubs = Object.fromEntries(plans.flatMap(({ row, hub }) => (row.settings ? [[hub, row.settings]] : [])))
  const own = options.target ? undefined : await startOwnService({ hubs, callbackOrigin: callback.origin })
  const target = options.target ?? own?.target
  if (!target) throw new Error('there is neither an endpoint nor a service of our own')
  try {
    const results = await inParallel(plans, options.concurrency, async ({ row, hub }) => {
      const context = openContext({
        target,
        hub,
        callback: callback.hub(hub),
        patienceMs,
        startAnother: startOwnService,
      })
      const result = await ask(row, { ...context, ...options, target })
      options.onResult?.(result)
      return result
    })
    return { subject: own?.name ?? target.endpoint.host, results, ms: performance.now() - startedAt }
  } finally {
    await callback.close()
    await own?.stop()
  }
}

interface Asking {
  context: Context
  close: () => Promise<unknown>
  target: Target
  isSlowIncluded: boolean
}

async function ask(row: Case, asking: Asking): Promise<Result> {
  const { id, area, title, spec, evidence, edges = [] } = row
  const startedAt = performance.now()
  const reason = whyNot(row, asking)
  const outcome: Outcome = reason === undefined ? await attempt(row, asking) : { status: 'not applicable', reason }
  return { id, area, title, spec, evidence, edges, outcome, ms: Math.round(performance.now() - startedAt) }
}

const reasons: Record<Need, string> = {
  'hub settings': 'wants settings of its hub, which cannot be made from here',
  'own process': 'stops the service, which only a service of our own may suffer',
  'secondary key': 'wants the secondary key',
  https: 'is a header of https alone (RFC 6797, 7.2), and the endpoint is plain http',
}

function whyNot({ needs = [], settings, isSlow }: Case, { target, isSlowIncluded }: Asking): string | undefined {
  if (isSlow && !isSlowIncluded) return 'takes more than half a minute; asked with --slow'
  const wanted: Need[] = [...needs, ...(settings ? ['hub settings' as const] : [])]
  const missing = wanted.find((need) => (need === 'https' ? target.endpoint.protocol !== 'https:' : !target.isOwn))
  return missing && reasons[missing]
}

/** How long each step of a case waits, and a case as a whole. */
const patienceMs = 10_000
const deadlineMs = 40_000
const slowDeadlineMs = 80_000

async function attempt(row: Case, { context, close }: Asking): Promise<Outcome> {
  const limitMs = row.isSlow ? slowDeadlineMs : deadlineMs
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Difference('an answer', `none within ${limitMs / 1_000} s`)), limitMs)
  })
  try {
    await Promise.race([row.run(context), deadline])
    return { status: 'holds' }
  } catch (error) {
    return describe(error)
  } finally {
    clearTimeout(timer)
    await close()
  }
}

function describe(error: unknown): Outcome {
  if (!(error instanceof Difference)) return { status: 'differs', expected: 'no error', got: String(error) }
  const { expected, got, at } = error
  return { status: 'differs', expected, got, ...(at === undefined ? {} : { at }) }
}

async function inParallel<T, R>(items: readonly T[], concurrency: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const at = next++
      const item = items[at]
      if (item !== undefined) results[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return results
}
