import { createChatr } from '../create-chatr.ts'
import type { Note } from '../notifications.ts'
import { createMemoryServer } from './memory-server.ts'
import type { MemoryServer } from './memory-server.ts'
import { createTestPage, createTestStorage } from './test-page.ts'
import { createTestTime, settle } from './test-time.ts'
import type { TestTime } from './test-time.ts'
import type { StorageLike } from '../user-storage.ts'

export interface TestChatrOptions {
  server?: MemoryServer
  time?: TestTime
  storage?: StorageLike
  userId?: string
}

/** Ben's page (unless another's) on a server in memory, on passed-in time. */
export function createTestChatr(options: TestChatrOptions = {}) {
  const {
    server = createMemoryServer(),
    time = createTestTime(),
    storage = createTestStorage(),
    userId = 'ben',
  } = options
  const page = createTestPage()
  const notes: Note[] = []
  const signedOutTabs: string[] = []
  const chatr = createChatr({
    me: { userId, userName: userId, userProvider: 'guest' },
    fetch: server.fetchAs(userId),
    createConnection: server.connectAs(userId),
    storage,
    clock: time.clock,
    after: time.after,
    random: () => 0.5,
    page: page.asPage,
    notifier: { show: (note) => void notes.push(note), ask: async () => 'granted' },
    tabs: { tellSignedOut: (id) => void signedOutTabs.push(id), onSignedOut: () => undefined, close: () => undefined },
  })
  const chat = (chatId: string) => {
    const found = chatr.state.chats.get(chatId)
    if (!found) throw new Error(`no chat ${chatId}`)
    return found
  }
  const texts = (chatId: string) => chat(chatId).log.entries.map(({ text }) => text)
  return { ...chatr, server, time, page, storage, notes, signedOutTabs, chat, texts }
}

/** Started, connected, everything loaded. */
export async function startTestChatr(options: TestChatrOptions = {}) {
  const chatr = createTestChatr(options)
  void chatr.start()
  await settle()
  return chatr
}

export const people = (...userIds: string[]) =>
  Object.fromEntries(userIds.map((userId) => [userId, { userId, userName: userId }]))
