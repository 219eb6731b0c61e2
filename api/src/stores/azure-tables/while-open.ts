interface Opening {
  /** A verb that takes longer rejects. */
  timeoutMs: number
  /** Called once, when the verbs under way have ended. */
  close: () => Promise<void>
}

type Verb = (...args: never[]) => Promise<unknown>

/** Bounds the time of each verb; `close` waits for those that are under way, and afterwards all of them reject. */
export function whileOpen<Verbs extends Record<string, Verb>>(
  verbs: Verbs,
  { timeoutMs, close }: Opening,
): Verbs & { close(): Promise<void> } {
  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const guard = (verb: Verb): Verb => {
    return async (...args) => {
      if (closing !== undefined) throw new Error('the store is closed')
      const work = verb(...args)
      underWay.add(work)
      const forget = () => void underWay.delete(work)
      work.then(forget, forget)
      return inTime(work, timeoutMs)
    }
  }
  const guarded = Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, guard(verb)]))
  const end = async () => {
    await Promise.allSettled(underWay)
    await close()
  }
  // Each verb is there again, with the parameters and the result that it had.
  return { ...(guarded as Verbs), close: () => (closing ??= end()) }
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the storage did not answer in time')), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
