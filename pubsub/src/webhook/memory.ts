import type { ConnectionContext } from '../ports.ts'
import type { Cookie } from './cookies.ts'

const brand: unique symbol = Symbol('webhook memory')

/** What is kept about a connection between two calls. It travels in `memo`, and so is gone with the connection. */
export interface Memory {
  readonly [brand]: true
  /** The `ce-id` of the next event: 0 was `connect`, whether anybody took it or not. */
  nextId: number
  cookies: readonly Cookie[]
  /** The headers that are alike in all its calls; made with the first event of the client. */
  head: { context: ConnectionContext; keys: readonly string[]; lines: readonly string[] } | undefined
  /** Settles when the last notification is through: they keep their order. */
  notified: Promise<void>
}

const nobody = Promise.resolve()

export const newMemory = (): Memory => ({ [brand]: true, nextId: 1, cookies: [], head: undefined, notified: nobody })

const isMemory = (memo: unknown): memo is Memory => typeof memo === 'object' && memo !== null && brand in memo

/** Finds a connection's memory. One whose `connect` another kind of handler answered gets one now. */
export function openMemories() {
  const strangers = new Map<string, Memory>()
  const keyOf = ({ hub, connectionId }: ConnectionContext) => `${hub} ${connectionId}`
  return {
    of(context: ConnectionContext): Memory {
      if (isMemory(context.memo)) return context.memo
      const memory = strangers.get(keyOf(context)) ?? newMemory()
      strangers.set(keyOf(context), memory)
      return memory
    },
    forget(context: ConnectionContext): void {
      strangers.delete(keyOf(context))
    },
  }
}
