import { startCanaries } from './canaries.ts'
import { type Input, makeInput } from './inputs.ts'
import { type Outcome, runInput } from './run-input.ts'
import { type Measure, type ServiceProcess, startServiceProcess } from './service-control.ts'
import { describeInput, shrink } from './shrink.ts'

export interface FuzzOptions {
  /** How many mutated frames, handshakes and requests. */
  mutations: number
  seed: number
  /** The run ends after that, however many were done. */
  maxSeconds: number
  /** Told about every two seconds. */
  onProgress?: (done: number) => void
}

export interface FuzzReport {
  seed: number
  mutations: number
  seconds: number
  /** How often what came of which kind of input. */
  outcomes: Map<Input['kind'], Map<Outcome, number>>
  canaryMessages: number
  /** The longest that a canary waited for its own message. */
  canarySlowestMs: number
  /** When a part of the run was over, and at its end. */
  warm: Measure
  end: Measure
  /** Everything that was wrong; empty is a pass. */
  failures: string[]
}

/** Inputs that are under way at once. */
const concurrency = 24
/** A log entry comes late: the input that made it is one of this many latest. */
const suspectsMax = 300
/** After this part of the run the service is measured, as what it must not grow from. */
const warmPart = 0.15

/** Starts a service, does everything to it, and tells what came of it. Rejects only if it cannot even start. */
export async function fuzz({ mutations, seed, maxSeconds, onProgress }: FuzzOptions): Promise<FuzzReport> {
  await using service = await startServiceProcess()
  const host = `127.0.0.1:${service.port}`
  const canaries = await startCanaries(host)
  const startedAt = performance.now()
  const run: Run = { seed, host, service, next: 0, done: 0, outcomes: new Map(), failures: [] }
  const watch = setInterval(() => {
    const fault = service.crash() ?? canaries.fault()
    if (fault !== undefined) run.failures.push(fault)
    onProgress?.(run.done)
  }, 2_000)
  const deadline = startedAt + maxSeconds * 1_000
  try {
    await runUntil(run, { mutations: mutations * warmPart, deadline })
    const warm = await settle(service)
    await runUntil(run, { mutations, deadline })
    const end = await settle(service)
    const canaryFault = canaries.fault()
    await canaries.stop()
    const failures = [
      ...run.failures,
      ...(run.failures.length > 0 ? [] : service.faults),
      ...(canaryFault === undefined ? [] : [canaryFault]),
      ...judge(warm, end),
    ]
    const seconds = (performance.now() - startedAt) / 1_000
    const canaryMessages = canaries.received()
    return {
      seed,
      mutations: run.done,
      seconds,
      outcomes: run.outcomes,
      canaryMessages,
      canarySlowestMs: canaries.slowestMs(),
      warm,
      end,
      failures: [...new Set(failures)],
    }
  } finally {
    clearInterval(watch)
  }
}

interface Run {
  seed: number
  host: string
  service: ServiceProcess
  /** Number of the next input. */
  next: number
  /** Mutations that are done. */
  done: number
  outcomes: FuzzReport['outcomes']
  failures: string[]
}

/** Stops at the first failure: what comes after one proves nothing. */
async function runUntil(run: Run, { mutations, deadline }: { mutations: number; deadline: number }): Promise<void> {
  const suspects: Input[] = []
  const work = async () => {
    while (run.done < mutations && run.failures.length === 0 && performance.now() < deadline) {
      const input = makeInput(run.seed, run.next++, run.host)
      suspects.push(input)
      if (suspects.length > suspectsMax) suspects.shift()
      await runOne(run, input)
      if (run.service.faults.length > 0) await blame(run, suspects.toReversed())
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
}

async function runOne(run: Run, input: Input): Promise<void> {
  try {
    for (const outcome of await runInput(input, run.host)) count(run, input.kind, outcome)
    run.done += input.size
  } catch (error) {
    const fails = async (candidate: Input) => (await failureOf(candidate, run)) !== undefined
    const smallest = run.service.crash() === undefined ? await shrink(input, fails) : input
    run.failures.push(`${String(error)}\n${describeInput(smallest)}`)
  }
}

function count({ outcomes }: Run, kind: Input['kind'], outcome: Outcome): void {
  const ofKind = outcomes.get(kind) ?? new Map<Outcome, number>()
  outcomes.set(kind, ofKind)
  ofKind.set(outcome, (ofKind.get(outcome) ?? 0) + 1)
}

async function failureOf(input: Input, { host, service }: Run): Promise<string | undefined> {
  const faultsBefore = service.faults.length
  try {
    await runInput(input, host)
  } catch (error) {
    return String(error)
  }
  // the entry comes on another way than the answer: one more question makes sure that it is here
  await service.measure()
  return service.faults[faultsBefore]
}

/** The service wrote an error: finds which of the inputs that were under way made it. */
async function blame(run: Run, suspects: Input[]): Promise<void> {
  if (run.failures.length > 0) return
  run.failures.push(`an error in the log: ${run.service.faults[0]}`)
  const fails = async (candidate: Input) => (await failureOf(candidate, run)) !== undefined
  for (const suspect of suspects) {
    if (!(await fails(suspect))) continue
    run.failures.push(`an error in the log, made by ${describeInput(await shrink(suspect, fails))}`)
    return
  }
}

/** Waits until everybody but the canaries is gone, at most half a minute; what is left then is a leak. */
async function settle(service: ServiceProcess): Promise<Measure> {
  const deadline = performance.now() + 30_000
  let measure = await service.measure()
  while (leaks(measure).length > 0 && performance.now() < deadline) {
    await Bun.sleep(100)
    measure = await service.measure()
  }
  return measure
}

const canaryCount = 3
const mebibyte = 1_048_576

/** What is there that should be gone. */
function leaks(measure: Measure): string[] {
  const { connections, sockets, handshakes, detached, streaming, farewells, groups, users } = measure
  const excess = {
    connections: connections - canaryCount,
    sockets: sockets - canaryCount,
    handshakes,
    detached,
    streaming,
    farewells,
    groups: groups.length - 1,
    users: users.length - canaryCount,
  }
  return Object.entries(excess).flatMap(([name, number]) => (number === 0 ? [] : [`${name} left: ${number}`]))
}

/** Growth is measured from a service that is warm: caches, pools and compiled code are there by then. */
function judge(warm: Measure, end: Measure): string[] {
  const failures = leaks(end)
  if (end.rssBytes > warm.rssBytes * 1.3 + 64 * mebibyte)
    failures.push(`memory grew from ${warm.rssBytes} to ${end.rssBytes} bytes`)
  if (end.heapBytes > warm.heapBytes * 1.5 + 8 * mebibyte)
    failures.push(`the heap grew from ${warm.heapBytes} to ${end.heapBytes} bytes`)
  if (end.objects > warm.objects * 1.5 + 100_000) failures.push(`objects grew from ${warm.objects} to ${end.objects}`)
  return failures
}
