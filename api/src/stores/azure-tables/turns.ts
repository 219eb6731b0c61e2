/**
 * Runs what is to be done with one thing one after the other, and with different things side by side. Within a process
 * nobody then loses a race that the storage would only tell him about afterwards.
 */
export type Turns = <T>(thing: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (thing, work) => {
    const before = last.get(thing)
    const turn = before === undefined ? work() : before.then(work, work)
    last.set(thing, turn)
    const forget = () => void (last.get(thing) === turn && last.delete(thing))
    turn.then(forget, forget)
    return turn
  }
}
