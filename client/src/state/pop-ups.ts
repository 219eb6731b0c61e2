import type { After } from '../connection/timers.ts'
import type { AppState, PopUp } from './types.ts'

export interface PopUps {
  /** One with the same id is replaced in its place, and its time begins anew. */
  show: (popUp: PopUp) => void
  dismiss: (id: string) => void
  /** While held (hovered, focused) it stays; let go of, its time begins anew. */
  hold: (id: string, held: boolean) => void
  /** Ends all timers. */
  stop: () => void
}

const popUpShownMs = 6_000
const shownMax = 3

/** At most three at a time: the oldest that nobody reads makes way. */
export function createPopUps(state: Pick<AppState, 'popUps'>, after: After): PopUps {
  const cancels = new Map<string, () => void>()
  const held = new Set<string>()
  const cancel = (id: string) => {
    cancels.get(id)?.()
    cancels.delete(id)
  }
  const dismiss = (id: string) => {
    cancel(id)
    held.delete(id)
    state.popUps = state.popUps.filter((popUp) => popUp.id !== id)
  }
  const startTime = (id: string) => {
    cancel(id)
    const end = () => dismiss(id)
    if (!held.has(id) && state.popUps.some((popUp) => popUp.id === id)) cancels.set(id, after(popUpShownMs, end))
  }
  return {
    show(popUp) {
      const isThere = state.popUps.some(({ id }) => id === popUp.id)
      state.popUps = isThere
        ? state.popUps.map((other) => (other.id === popUp.id ? popUp : other))
        : [...state.popUps, popUp]
      const oldest = state.popUps.find(({ id }) => !held.has(id)) ?? popUp
      if (state.popUps.length > shownMax) dismiss(oldest.id)
      startTime(popUp.id)
    },
    dismiss,
    hold(id, isHeld) {
      if (isHeld) held.add(id)
      else held.delete(id)
      startTime(id)
    },
    stop: () => [...cancels.keys()].forEach(cancel),
  }
}
