import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { cores, spawnPinned, stop } from './processes.ts'

export interface Sample {
  seconds: number
  /** Sends that have arrived everywhere, messages that have arrived, answers of HTTP, of those not 2xx, connections made. */
  sends: number
  deliveries: number
  responses: number
  refused: number
  connects: number
  /** CPU seconds. */
  serverCpu: number
  loadCpu: number
  /** From the send, or from when it was due, to its arrival at a member; milliseconds. */
  p50: number
  p99: number
  p999: number
  max: number
  /** Deliveries that did not come within five seconds of the end, and sends that could not be made in time. */
  missing: number
  skipped: number
  /** The longest time that the load generator itself had to wait for its core, in milliseconds. */
  stalledMs: number
}

export interface Span {
  warmMs: number
  measureMs: number
  pids: readonly number[]
}

export interface Load {
  /** Resolves with how long it took, in seconds. */
  open: () => Promise<number>
  /** The payload that the first member gets when the first group is sent to. */
  calibrate: () => Promise<Buffer>
  closed: (inFlight: number, span: Span) => Promise<Sample>
  paced: (rate: number, span: Span) => Promise<Sample>
  connects: (inFlight: number, span: Span) => Promise<Sample>
  stop: () => Promise<void>
}

/** Starts the load generator with a plan. When it gives up, what was asked of it rejects with its reason. */
export function startLoad(program: string, planFile: string): Load {
  const logFile = `${planFile}.log`
  const child = spawnPinned(cores.load, { command: [program, planFile] }, logFile)
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('the load generator was started with pipes')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  async function ask<Answer>(command: string): Promise<Answer> {
    stdin?.write(`${command}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(readFileSync(logFile, 'utf8').trim())
    return JSON.parse(value) as Answer
  }
  const measure = (verb: string, amount: number, { warmMs, measureMs, pids }: Span) =>
    ask<Sample>(`${verb} ${amount} ${warmMs} ${measureMs} ${pids.join(',')}`)
  return {
    open: async () => (await ask<{ seconds: number }>('open')).seconds,
    calibrate: async () => Buffer.from((await ask<{ hex: string }>('calibrate')).hex, 'hex'),
    closed: (inFlight, span) => measure('closed', inFlight, span),
    paced: (rate, span) => measure('paced', rate, span),
    connects: (inFlight, span) => measure('connect', inFlight, span),
    stop: () => stop(child),
  }
}
