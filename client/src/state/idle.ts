import type { After, Clock } from '../connection/timers.ts'
import type { Page } from './page.ts'

export interface IdleWatch {
  isIdle: () => boolean
  /** Seconds without any input until this tab is idle. */
  setIdleAfter: (seconds: number) => void
  stop: () => void
}

export interface IdleDeps {
  page: Pick<Page, 'listen' | 'isHidden'>
  clock: Clock
  after: After
  onChange: (isIdle: boolean) => void
}

/** No `scroll`: a log that follows its newest message scrolls by itself, and nobody is there. */
const inputs = ['pointerdown', 'pointermove', 'keydown', 'touchstart', 'touchmove', 'wheel']
const defaultSeconds = 60

interface Watch extends IdleDeps {
  idleAfterMs: number
  lastInput: number
  isIdle: boolean
  cancelTimer: () => void
}

/** Watches for input in this tab. Goes by the clock, so that a timer that slept with the machine is right as well. */
export function watchIdle(deps: IdleDeps): IdleWatch {
  const watch: Watch = {
    ...deps,
    idleAfterMs: defaultSeconds * 1_000,
    lastInput: deps.clock(),
    isIdle: false,
    cancelTimer: () => undefined,
  }
  const unlisten = [
    deps.page.listen(inputs, () => noteInput(watch)),
    deps.page.listen(['visibilitychange'], () => deps.page.isHidden() || noteInput(watch)),
  ]
  check(watch)
  return {
    isIdle: () => watch.isIdle,
    setIdleAfter: (seconds) => {
      watch.idleAfterMs = seconds * 1_000
      check(watch)
    },
    stop: () => {
      watch.cancelTimer()
      for (const end of unlisten) end()
    },
  }
}

function noteInput(watch: Watch): void {
  watch.lastInput = watch.clock()
  if (!watch.isIdle) return
  watch.isIdle = false
  check(watch)
  watch.onChange(false)
}

function check(watch: Watch): void {
  watch.cancelTimer()
  if (watch.isIdle) return
  const leftMs = watch.lastInput + watch.idleAfterMs - watch.clock()
  if (leftMs > 0) {
    // Not longer than a minute: a timer does not count the time that the machine sleeps.
    watch.cancelTimer = watch.after(Math.min(leftMs, 60_000), () => check(watch))
    return
  }
  watch.isIdle = true
  watch.onChange(true)
}
