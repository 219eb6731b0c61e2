import { describeError } from '../log.ts'
import type { RunningWebPubSub } from '../start.ts'
import type { Log } from './log.ts'

/** npx passes Ctrl+C on to who has heard it from the terminal already: two signals so near each other are one. */
const sameSignalMs = 500
/** How long the last connections and event handlers may take after the connections were closed. */
const farewellMs = 5_000

export interface StopOptions {
  drainMs: number
  log: Log
  exit: (code: number) => void
}

export interface Stop {
  /** Closes the connections in batches, then ends with 0. Asked a second time: ends with 1 at once. */
  gently(signal: string): void
  /** Closes them all together, then ends with 0. */
  now(reason: string): void
}

export function createStop(service: RunningWebPubSub, { drainMs, log, exit }: StopOptions): Stop {
  let firstAt: number | undefined
  const stop = (withinMs: number, why: Record<string, unknown>) => {
    log({ level: 'info', event: 'stopping', ...why, drainSeconds: withinMs / 1_000 })
    setTimeout(() => {
      log({ level: 'error', event: 'stopTimedOut' })
      exit(1)
    }, withinMs + farewellMs)
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
    await service.drain({ withinMs })
    await service.close()
    log({ level: 'info', event: 'stopped' })
    return 0
  } catch (error) {
    log({ level: 'error', event: 'stopFailed', error: describeError(error) })
    return 1
  }
}
