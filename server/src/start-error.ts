/** Chatr cannot start. The message is one whole line for the person who starts it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), options)
    this.name = 'StartError'
  }
}

/** What the operating system or the database said, without a stack. */
export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Runs `open` and turns what it throws into a `StartError` that begins with `what`. */
export function openOrExplain<T>(what: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${what}: ${reasonOf(error)}`, { cause: error })
  }
}
