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

/** At most three at a time: the oldest makes way. */
export function createPopUps(state: Pick<AppState, 'popUps'>, after: After): PopUps {
  const cancels = new Map<string, () => void>()
  const cancel = (id: string) => {
    cancels.get(id)?.()
    cancels.delete(id)
  }
  const dismiss = (id: string) => {
    cancel(id)
    state.popUps = state.popUps.filter((popUp) => popUp.id !== id)
  }
  const hold = (id: string, held: boolean) => {
    cancel(id)
    if (!held && state.popUps.some((popUp) => popUp.id === id))
      cancels.set(
        id,
        after(popUpShownMs, () => dismiss(id)),
      )
  }
  return {
    show(popUp) {
      const isThere = state.popUps.some(({ id }) => id === popUp.id)
      state.popUps = isThere
        ? state.popUps.map((other) => (other.id === popUp.id ? popUp : other))
        : [...state.popUps, popUp]
      for (const { id } of state.popUps.slice(0, -shownMax)) dismiss(id)
      hold(popUp.id, false)
    },
    dismiss,
    hold,
    stop: () => [...cancels.keys()].forEach(cancel),
  }
}
