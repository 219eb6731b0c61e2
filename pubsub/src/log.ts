/** What was thrown, with where it came from. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? String(error)) : String(error)
