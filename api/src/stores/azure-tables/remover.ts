import type { TransactionAction } from '@azure/data-tables'
import { findAnyHead } from './chat-state.ts'
import type { ChatList } from './chat-list.ts'
import { entryPrefix, idPrefix, keyOf, listPartition, memberPrefix, rangeOf } from './keys.ts'
import { staleAfterMs } from './memberships.ts'
import { type RemovalRow, readRemoval } from './rows.ts'
import type { Storage } from './storage.ts'

/** Takes the rows of removed chats off the storage. */
export interface Remover {
  /** Comes before a removal: what a crash leaves behind is found by this. */
  note: (chatId: string, generation: number) => Promise<void>
  /** Removes the rows in the background. */
  start: (chatId: string, generation: number) => void
  /** Ends what processes before this one have left behind. */
  sweep: () => Promise<void>
  /** Resolves when what goes on in the background has stopped; what is left is for the next sweep. */
  stop: () => Promise<void>
}

const batchMax = 100

export function createRemover(storage: Storage, list: ChatList): Remover {
  const running = new Set<Promise<void>>()
  let isStopped = false
  const remove = (removal: Removed) => removeRows(storage, removal, () => isStopped)

  return {
    note: async (chatId, generation) => {
      const row: RemovalRow = { chatId, generation, at: storage.clock() }
      await storage.removals.upsert({ ...(await keysOf({ chatId, generation })), ...row })
    },
    start: (chatId, generation) => {
      // Broken storage is no news to whoever removed the chat: his part is done. The note stays for a sweep.
      const removal = remove({ chatId, generation }).catch(() => undefined)
      running.add(removal)
      void removal.then(() => running.delete(removal))
    },
    sweep: async () => {
      const noted = (await storage.removals.list({ partition: listPartition })).map(readRemoval)
      for (const { chatId, generation, at } of noted) {
        // It may be under way in another process.
        if (storage.clock() - at <= staleAfterMs) continue
        const head = await findAnyHead(storage, chatId)
        const isGone = head !== undefined && (head.isGone || head.generation > generation)
        if (isGone) await list.remove(chatId, generation)
        if (isGone) await remove({ chatId, generation })
        else await forget(storage, { chatId, generation })
      }
    },
    stop: async () => {
      isStopped = true
      await Promise.all(running)
    },
  }
}

type Removed = Omit<RemovalRow, 'at'>

const keysOf = async ({ chatId, generation }: Removed) => ({
  partitionKey: listPartition,
  rowKey: `${await keyOf(chatId)}-${generation}`,
})

async function forget({ removals }: Storage, removed: Removed): Promise<void> {
  const { partitionKey, rowKey } = await keysOf(removed)
  await removals.remove(partitionKey, rowKey)
}

async function removeRows(storage: Storage, removed: Removed, isStopped: () => boolean): Promise<void> {
  const { chatId, generation } = removed
  const partition = await keyOf(chatId)
  for (const prefix of [entryPrefix(generation), idPrefix(generation), memberPrefix(generation)]) {
    for (;;) {
      if (isStopped()) return
      const scan = { partition, range: rangeOf(prefix), select: ['partitionKey', 'rowKey'], limit: batchMax }
      const rows = await storage.messages.list(scan)
      if (rows.length === 0) break
      const actions = rows.map(({ rowKey }): TransactionAction => ['delete', { partitionKey: partition, rowKey }])
      // `changed`: another process removes them too; what is left comes again.
      await storage.messages.commit(actions)
    }
  }
  await forget(storage, removed)
}
