import type { TransactionAction } from '@azure/data-tables'
import type { Member } from '@chatr/protocol'
import { findStanding, loadChat } from './chat-state.ts'
import type { Parts } from './chats.ts'
import { contend } from './contend.ts'
import { inParallel } from './in-parallel.ts'
import { keyOf, memberPrefix } from './keys.ts'
import { changeOf } from './log.ts'

export interface Renames {
  /** Brings a user's name into all chats that he is in; those that have it already cost nothing. */
  rename: (user: Member) => Promise<void>
}

/** The index says which name each chat has; it is written last, so that a rename that was cut short is done again. */
export function createRenames({ storage, list, memberships }: Omit<Parts, 'remover'>): Renames {
  const renameIn = async (chatId: string, { userId, userName }: Member) => {
    const isRenamed = await contend(async () => {
      const standing = await findStanding(storage, chatId, [userId])
      const member = standing?.members.get(userId)
      if (standing === undefined || member === undefined || member.userName === userName) return false
      const { head } = standing
      const attempt = crypto.randomUUID()
      const keys = { partitionKey: await keyOf(chatId), rowKey: memberPrefix(head.generation) + (await keyOf(userId)) }
      const change = await changeOf(head, { head: { version: head.version + 1 }, entries: [], attempt })
      const renamed: TransactionAction = ['update', { ...keys, userName }, 'Merge', { etag: '*' }]
      return (await storage.messages.commit([...change, renamed])) === 'done' ? true : undefined
    })
    const loaded = isRenamed ? await loadChat(storage, chatId) : undefined
    if (loaded !== undefined) await list.update(loaded)
  }
  return {
    rename: async ({ userId, userName }) => {
      const rows = (await memberships.rowsOf(userId)).filter((row) => row.userName !== userName)
      await inParallel(rows, async (row) => {
        await storage.turns(row.chatId, () => renameIn(row.chatId, { userId, userName }))
        await memberships.rename(userId, row, userName)
      })
    },
  }
}
