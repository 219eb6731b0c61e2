/** Milliseconds since the epoch. */
export type Clock = () => number

/** Runs `run` once after `ms`; the function that comes back calls it off. */
export type After = (ms: number, run: () => void) => () => void

export const browserAfter: After = (ms, run) => {
  const id = setTimeout(run, ms)
  return () => clearTimeout(id)
}
