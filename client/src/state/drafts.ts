import { limits } from '@chatr/protocol'
import type { Core } from './core.ts'

/** What is typed and not sent. Kept over a reload, unless it is off the record. */
export interface Drafts {
  set: (chatId: string, text: string) => void
  /** The chats are known: gives them their drafts, and forgets those of chats that are gone. */
  restore: () => void
}

const prefix = 'draft/'

export function createDrafts(core: Core): Drafts {
  let isRestored = false
  return {
    set(chatId, text) {
      const chat = core.state.chats.get(chatId)
      if (!chat) return
      chat.draft = text
      if (chat.history === 'kept') core.storage.write(prefix + chatId, text === '' ? undefined : text)
    },
    restore() {
      if (isRestored) return
      isRestored = true
      for (const name of core.storage.names()) if (name.startsWith(prefix)) restoreDraft(core, name)
    },
  }
}

function restoreDraft({ state, storage }: Core, name: string): void {
  const chat = state.chats.get(name.slice(prefix.length))
  const text = storage.read(name)
  if (chat?.history !== 'kept') storage.write(name, undefined)
  else if (chat.draft === '' && text !== undefined) chat.draft = text.slice(0, 2 * limits.messageTextMaxLength)
}
