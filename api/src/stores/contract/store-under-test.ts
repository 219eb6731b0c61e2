import type { ChatListing, Member, User } from '@chatr/protocol'
import type { ChatStore, NewChat, NewEntry } from '../../ports.ts'

export interface OpenedStore {
  store: ChatStore
  /** Closes the store and opens what it has kept again. */
  reopen(): Promise<OpenedStore>
  /** Closes the store and removes what it has kept. */
  dispose(): Promise<void>
}

export interface StoreUnderTest {
  readonly store: ChatStore
  reopen(): Promise<ChatStore>
}

export const member = (userId: string): Member => ({ userId, userName: userId.toUpperCase() })
export const user = (userId: string): User => ({ ...member(userId), userProvider: 'guest' })

let lastId = 0
/** A time of its own for each entry, and an id. */
export function entry(): NewEntry {
  lastId++
  return { id: `entry-${lastId}`, at: new Date(Date.UTC(2026, 0, 1) + lastId).toISOString() }
}

export function groupChat(id: string, more: Partial<NewChat> = {}): NewChat {
  const { id: entryId, at } = entry()
  return { id, name: `Chat ${id}`, kind: 'group', history: 'kept', owner: member('ana'), entryId, at, ...more }
}

export const privateChat = (id: string, more: Partial<NewChat> = {}): NewChat =>
  groupChat(id, { kind: 'private', guest: member('ben'), ...more })

export const said = (from: string, text = 'hello') => ({ ...entry(), from, text })

/** A group chat of ana's with everybody in it. */
export async function chatOf(store: ChatStore, id: string, userIds: readonly string[]): Promise<void> {
  await store.createChat(groupChat(id))
  for (const userId of userIds) if (userId !== 'ana') await store.addMember(id, member(userId), entry())
}

/** The whole log, by place. */
export async function logOf(store: ChatStore, chatId: string) {
  const messages = []
  for (;;) {
    const pos = messages.at(-1)?.pos ?? 0
    const page = await store.readMessages(chatId, { from: 'after', pos, limit: 50 })
    messages.push(...(page?.messages ?? []))
    if (!page?.more) return messages
  }
}

export const listingOf = async (store: ChatStore, userId: string, chatId: string): Promise<ChatListing | undefined> =>
  (await store.listChats(userId)).find((chat) => chat.id === chatId)

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
