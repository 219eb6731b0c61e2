import type { After } from '../../connection/timers.ts'

/** A clock that moves when it is told to, and timers that go by it. */
export function createTestTime(now = Date.UTC(2026, 10, 22, 8)) {
  const timers = new Set<{ due: number; run: () => void }>()
  const after: After = (ms, run) => {
    const timer = { due: now + ms, run }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  /** Runs what falls due, in its order, and lets what follows from it settle in between. */
  async function advance(ms: number): Promise<void> {
    const end = now + ms
    await settle()
    for (;;) {
      const [next] = [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
      if (!next) break
      timers.delete(next)
      now = Math.max(now, next.due)
      next.run()
      await settle()
    }
    now = end
  }
  /** The machine sleeps: the clock goes on, no timer runs. */
  const sleep = (ms: number) => void (now += ms)
  return { clock: () => now, after, advance, sleep }
}
export type TestTime = ReturnType<typeof createTestTime>

/** Lets everything that is ready run; reading the body of an answer takes turns of the event loop, in memory as well. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => void setTimeout(resolve, 0))
}
