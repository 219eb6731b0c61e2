type Close = () => void | Promise<void>

export interface Closers {
  /** Remembers how to close what was just opened. */
  add: (close: Close) => void
  /** Closes all of it, the newest first, once, whatever some of it says; then rejects with the first that failed. */
  closeAll: () => Promise<void>
}

/** What is opened one after the other is closed the other way round. */
export function openClosers(): Closers {
  const closes: Close[] = []
  const closeAll = async () => {
    const failures: unknown[] = []
    for (const close of closes.splice(0).reverse()) {
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  return { add: (close) => closes.push(close), closeAll }
}
