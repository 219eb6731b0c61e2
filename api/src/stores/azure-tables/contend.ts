const attemptsMax = 60
const pauseMaxMs = 200

/**
 * Tries until `attempt` has an answer: `undefined` means that another process was faster, and with the storage's state
 * as it is now the next attempt may do. Rejects when it never does: then there is more going on than one row can take.
 */
export async function contend<T>(attempt: (count: number) => Promise<T | undefined>): Promise<T> {
  for (let count = 0; count < attemptsMax; count++) {
    const result = await attempt(count)
    if (result !== undefined) return result
    // The first time at once; then by chance, so that two who met do not meet again.
    if (count > 0) await pause(Math.random() * Math.min(4 * 2 ** count, pauseMaxMs))
  }
  throw new Error('too many others change the same thing')
}

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms)
  })
