/** Things that must be over by a certain time, looked at once a second: a timer for each would cost more. */
export interface Deadlines<Item> {
  set(item: Item, milliseconds: number): void
  clear(item: Item): void
}

const lookMs = 1_000

/** `onMissed` is called for each item that was not cleared in time, at most a second late. */
export function createDeadlines<Item>(onMissed: (item: Item) => void): Deadlines<Item> {
  const deadlines = new Map<Item, number>()
  let timer: ReturnType<typeof setInterval> | undefined
  const rest = () => {
    if (deadlines.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const look = () => {
    const now = performance.now()
    for (const [item, deadline] of deadlines) {
      if (deadline > now) continue
      deadlines.delete(item)
      onMissed(item)
    }
    rest()
  }
  return {
    set(item, milliseconds) {
      deadlines.set(item, performance.now() + milliseconds)
      timer ??= setInterval(look, lookMs)
    },
    clear(item) {
      if (deadlines.delete(item)) rest()
    },
  }
}
