import type { Sqlite } from './sqlite.ts'

/** Bounds how long one step keeps everybody else waiting. */
const stepMessages = 250

export interface Remover {
  /**
   * Takes a chat out of sight, with its members and the first of its messages. Nobody can name it from here on, and a
   * chat of the same id can be made. Only inside a write.
   */
  hide: (chatKey: number) => void
  /** Removes, step by step, what hidden chats still hold. Never rejects: what is left is for the next time. */
  removeHidden: () => Promise<void>
}

/** Removes chats whose logs are too long for one write; also those that an earlier life of the store left behind. */
export function createRemover({ prepare, write, scrubLog }: Sqlite): Remover {
  const removeMembers = prepare<null, [number]>('DELETE FROM members WHERE chat = ?')
  const removeMessages = prepare<null, [number, number]>(
    'DELETE FROM messages WHERE chat = ?1 AND pos IN (SELECT pos FROM messages WHERE chat = ?1 ORDER BY pos LIMIT ?2)',
  )
  const removeChat = prepare<null, [number]>('DELETE FROM chats WHERE key = ?')
  // No chat id has a slash, and a private chat without members is in nobody's list.
  const hideChat = prepare<null, [number]>(
    `UPDATE chats SET id = 'removed/' || key, kind = 'private', name = '', owner = '' WHERE key = ?`,
  )
  const selectHidden = prepare<{ key: number }, []>(
    `SELECT key FROM chats WHERE id >= 'removed/' AND id < 'removed0' LIMIT 1`,
  )
  let isRemoving = false

  /** Whether the whole chat is gone. */
  const removeSome = (chatKey: number): boolean => {
    const isAll = removeMessages.run(chatKey, stepMessages).changes < stepMessages
    if (isAll) removeChat.run(chatKey)
    return isAll
  }
  const removeHidden = async () => {
    for (let next = selectHidden.get(); next !== null; next = selectHidden.get()) {
      const { key } = next
      await write(() => removeSome(key))
    }
    scrubLog()
  }

  return {
    hide: (chatKey) => {
      removeMembers.run(chatKey)
      if (!removeSome(chatKey)) hideChat.run(chatKey)
    },
    removeHidden: async () => {
      if (isRemoving) return
      isRemoving = true
      try {
        await removeHidden()
      } catch {
        // Full, locked or closed: the next removal, or the next start, goes on from here.
      } finally {
        isRemoving = false
      }
    },
  }
}
