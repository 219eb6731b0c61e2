import { describeError } from '../log.ts'
import type { RunningWebPubSub } from '../start/start.ts'
import type { Log } from './log.ts'

/** npx passes Ctrl+C on to who has heard it from the terminal already: two signals so near each other are one. */
const sameSignalMs = 500
/** For what is left once the connections are closed and the limit `farewellMs` has passed. */
const closeMs = 1_000

export interface StopOptions {
  drainMs: number
  log: Log
  exit: (code: number) => void
}

export interface Stop {
  /**
   * Closes the connections in batches, then ends with 0, at the latest `farewellMs` (a limit of the service) and a
   * second later: a handler that does not answer is no fault of this process. Asked a second time: ends with 1 at once.
   */
  gently(signal: string): void
  /** Closes them all together, then ends with 0. */
  now(reason: string): void
}

export function createStop(service: RunningWebPubSub, { drainMs, log, exit }: StopOptions): Stop {
  let firstAt: number | undefined
  const stop = (withinMs: number, why: Record<string, unknown>) => {
    log({ level: 'info', event: 'stopping', ...why, drainSeconds: withinMs / 1_000 })
    void close(service, { withinMs, log }).then(exit)
  }
  return {
    gently(signal) {
      const at = performance.now()
      if (firstAt === undefined) stop(drainMs, { signal })
      else if (at - firstAt > sameSignalMs) exit(1)
      firstAt ??= at
    },
    now(reason) {
      firstAt ??= performance.now()
      stop(0, { reason })
    },
  }
}

/** Resolves with the exit code. */
async function close(service: RunningWebPubSub, { withinMs, log }: { withinMs: number; log: Log }): Promise<number> {
  try {
    // waits for handlers itself, for `farewellMs` and no longer
    await service.drain({ withinMs })
    const isDone = await Promise.race([service.close().then(() => true), after(closeMs)])
    log(isDone ? { level: 'info', event: 'stopped' } : { level: 'warn', event: 'stoppedBeforeHandlersAnswered' })
    return 0
  } catch (error) {
    log({ level: 'error', event: 'stopFailed', error: describeError(error) })
    return 1
  }
}

const after = (ms: number) => new Promise<false>((resolve) => setTimeout(() => resolve(false), ms))
