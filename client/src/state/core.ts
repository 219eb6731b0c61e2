import type { Connection } from '../connection/connection.ts'
import type { Answer, HttpApi } from '../connection/http-api.ts'
import { signedOut } from '../connection/http-api.ts'
import type { After, Clock } from '../connection/timers.ts'
import type { Circumstances, Effect } from './effects.ts'
import type { Notifier } from './notifications.ts'
import type { Page } from './page.ts'
import type { AppState } from './types.ts'
import type { UserStorage } from './user-storage.ts'
import type { FillRandom } from './uuid.ts'

/** What the parts of the store share. */
export interface Core {
  readonly state: AppState
  readonly api: HttpApi
  readonly storage: UserStorage
  readonly page: Page
  readonly notifier: Notifier
  readonly clock: Clock
  readonly after: After
  readonly random: () => number
  readonly fillRandom: FillRandom
  /** There while the socket stands and the lists have been caught up with: only then is anything sent. */
  connection: Connection | undefined
  /** Carries out what follows from an event. */
  react: (effects: readonly Effect[]) => void
  /** The session ended: no more attempts, nothing is sent. */
  onSignedOut: () => void
}

export const circumstances = (core: Core): Circumstances => ({ now: core.clock(), isWatched: core.page.isWatched() })

/** The answer, or `undefined` for an outage or an ended session (which is then known). The one catch for HTTP. */
export async function answerOf<T>(core: Core, answer: Answer<T>): Promise<T | undefined> {
  try {
    const value = await answer
    if (value !== signedOut) return value
    core.onSignedOut()
  } catch (error) {
    console.warn('The server could not be asked:', error)
  }
  return undefined
}

export const wait = (core: Core, ms: number) => new Promise<void>((resolve) => void core.after(ms, resolve))
