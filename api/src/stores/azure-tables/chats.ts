import type { ChatStore } from '../../ports.ts'
import { loadChat } from './chat-state.ts'
import type { ChatList } from './chat-list.ts'
import { createChat } from './create-chat.ts'
import { deleteChat } from './delete-chat.ts'
import { addMember, removeMember } from './members.ts'
import type { Memberships } from './memberships.ts'
import type { Remover } from './remover.ts'
import type { Storage } from './storage.ts'

/** The rows of a chat, the list that it is in, the index of its members, and what is left of removed ones. */
export interface Parts {
  storage: Storage
  list: ChatList
  memberships: Memberships
  remover: Remover
}

type Verbs = 'createChat' | 'findChat' | 'chatIdsOf' | 'deleteChat' | 'addMember' | 'removeMember'

/** The chats and who is in them. */
export function createChats(parts: Parts): Pick<ChatStore, Verbs> {
  const { storage, memberships } = parts
  return {
    createChat: (chat) => storage.turns(chat.id, () => createChat(parts, chat)),
    findChat: async (chatId) => (await loadChat(storage, chatId))?.chat,
    chatIdsOf: memberships.chatIdsOf,
    deleteChat: (chatId, owner) => storage.turns(chatId, () => deleteChat(parts, chatId, owner)),
    addMember: (chatId, member, entry) => storage.turns(chatId, () => addMember(parts, chatId, { member, entry })),
    removeMember: (chatId, userId, entry) =>
      storage.turns(chatId, () => removeMember(parts, chatId, { userId, entry })),
  }
}
