/** Runs `work` every `everyMs` milliseconds, never twice at once; what it rejects with goes to `failed`. */
export function repeat(
  work: () => Promise<void>,
  { everyMs, failed }: { everyMs: number; failed: (error: unknown) => void },
): { stop: () => void } {
  let isRunning = false
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    void work()
      .catch(failed)
      .finally(() => {
        isRunning = false
      })
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
