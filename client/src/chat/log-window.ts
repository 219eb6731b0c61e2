/** The rows of a long log that are drawn: `[start, end)` of its items. */
export interface LogWindow {
  readonly start: number
  readonly end: number
}

/** So many items are drawn at the most, and so many are added or taken away at once. */
export const windowSize = 240
export const windowStep = 80

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max)

export function windowAtEnd(count: number): LogWindow {
  return { start: Math.max(0, count - windowSize), end: count }
}

export function windowAround(index: number, count: number): LogWindow {
  const start = clamp(index - windowSize / 2, 0, Math.max(0, count - windowSize))
  return { start, end: Math.min(count, start + windowSize) }
}

/** Towards older items; what falls out at the newer end is far below the reader. */
export function olderWindow(now: LogWindow): LogWindow {
  const start = Math.max(0, now.start - windowStep)
  return { start, end: Math.min(now.end, start + windowSize) }
}

export function newerWindow(now: LogWindow, count: number): LogWindow {
  const end = Math.min(count, now.end + windowStep)
  return { start: Math.max(now.start, end - windowSize, 0), end }
}

/** How the items changed below a window: so many are there now, so many of them came before the old first one. */
export interface ItemsChange {
  oldCount: number
  count: number
  prepended: number
  /** The reader is at the newest line and stays there. */
  follows: boolean
}

/**
 * The window that shows the same items after a change. A follower sees the newest; who reads above keeps his place, and
 * new lines below are drawn only while the window has room.
 */
export function windowAfter(now: LogWindow, { oldCount, count, prepended, follows }: ItemsChange): LogWindow {
  const start = clamp(now.start + prepended, 0, count)
  // Line by line it only grows; the oldest go many at a time, because that moves everything that is drawn.
  const hasRoom = now.end > 0 && count - start <= windowSize + windowStep
  if (follows || now.end === 0) return hasRoom ? { start, end: count } : windowAtEnd(count)
  const wasAtEnd = now.end === oldCount
  const end = wasAtEnd ? Math.min(count, start + windowSize + windowStep) : now.end + prepended
  return { start: Math.min(start, Math.max(0, count - 1)), end: clamp(end, 0, count) }
}
