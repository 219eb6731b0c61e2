const shortestMs = 500
const longestMs = 10_000

/**
 * How long to wait before attempt `attempt` (1, 2, 3 …): between half a second and 1, 2, 4, 8, 10, 10 … seconds,
 * at random so that all who lost one server do not come back at one moment. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const upperMs = Math.min(longestMs, shortestMs * 2 ** Math.min(attempt, 10))
  return Math.round(shortestMs + random * (upperMs - shortestMs))
}
