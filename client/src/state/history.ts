import { limits } from '@chatr/protocol'
import type { MessagesResponse } from '@chatr/protocol'
import type { MessagesAsked } from '../connection/http-api.ts'
import { confirmMine } from './apply-entry.ts'
import type { CatchUp } from './catch-up.ts'
import { isMember, recountUnread } from './chat-state.ts'
import { answerOf, wait } from './core.ts'
import type { Core } from './core.ts'
import { emptyLog, setEntries, trimLog } from './log.ts'
import type { ChatLog, ChatState } from './types.ts'

/** Loads the pages of logs. A chat that is not there, or that I am not in, is left alone. */
export interface History {
  /** Loads the newest page unless the log is there or coming. */
  ensure: (chatId: string) => Promise<void>
  newest: (chatId: string) => Promise<void>
  around: (chatId: string, pos: number) => Promise<void>
  older: (chatId: string) => Promise<void>
  newer: (chatId: string) => Promise<void>
  /** The chat was closed: what can be loaded again is let go of. */
  release: (chatId: string) => void
}

/** A page that failed is not asked for again within this time, however much somebody scrolls. */
const restAfterFailureMs = 2_000
const keptOfClosedChat = 4 * limits.pageDefault

export function createHistory(core: Core, catchUp: CatchUp): History {
  const context = { core, catchUp }
  return {
    ensure: async (chatId) => {
      const status = readable(core, chatId)?.log.status
      if (status === 'empty' || status === 'failed') await loadRun(context, chatId, {})
    },
    newest: (chatId) => loadRun(context, chatId, {}),
    around: async (chatId, pos) => {
      const chat = readable(core, chatId)
      if (chat && !covers(chat.log, pos)) await loadRun(context, chatId, { around: pos })
    },
    older: (chatId) => loadPage(context, chatId, olderPage),
    newer: (chatId) => loadPage(context, chatId, newerPage),
    release: (chatId) => {
      const chat = readable(core, chatId)
      if (chat && chat.log.status !== 'loading') chat.log = trimLog(chat.log, keptOfClosedChat)
    },
  }
}

interface Context {
  core: Core
  catchUp: CatchUp
}

function readable({ state }: Core, chatId: string): ChatState | undefined {
  const chat = state.chats.get(chatId)
  return chat && chat.history === 'kept' && isMember(chat, state.me.userId) ? chat : undefined
}

const covers = ({ entries, status }: ChatLog, pos: number) =>
  status === 'loaded' && entries.some((entry) => entry.pos >= pos) && entries.some((entry) => entry.pos <= pos)

/** A new run in place of the old one; when it cannot be had, the old one stays. */
async function loadRun(context: Context, chatId: string, where: MessagesAsked): Promise<void> {
  const chat = readable(context.core, chatId)
  if (!chat || (chat.log.status === 'loading' && where.around === undefined)) return
  const before = chat.log
  const loading: ChatLog = { ...before, status: 'loading', isLoadingOlder: false, isLoadingNewer: false }
  chat.log = loading
  const isStill = isSameLog(chat)
  const page = await answerOf(context.core, context.core.api.messages(chatId, { ...where, limit: limits.pageDefault }))
  if (!isStill()) return
  if (!page) {
    chat.log = { ...before, status: before.entries.length > 0 ? 'loaded' : 'failed' }
    // What was told in the meantime passed this log by.
    if (before.entries.length > 0) await context.catchUp.fill(chatId, before.entries.at(-1)?.rev)
    return
  }
  const isAtEnd = where.around === undefined || (page.messages.at(-1)?.pos ?? page.rev) >= page.rev
  chat.log = { ...emptyLog(), status: 'loaded', hasOlder: page.more, hasNewer: !isAtEnd }
  setEntries(chat.log, page.messages)
  await reconcile(context, chat, page)
}

interface PageKind {
  flag: 'isLoadingOlder' | 'isLoadingNewer'
  isThere: (log: ChatLog) => boolean
  asked: (log: ChatLog) => MessagesAsked
  take: (log: ChatLog, page: MessagesResponse) => void
}

const olderPage: PageKind = {
  flag: 'isLoadingOlder',
  isThere: (log) => log.hasOlder,
  asked: (log) => ({ before: log.entries[0]?.pos ?? 1 }),
  take: (log, { messages, more }) => {
    setEntries(log, [...messages, ...log.entries])
    log.hasOlder = more
  },
}

const newerPage: PageKind = {
  flag: 'isLoadingNewer',
  isThere: (log) => log.hasNewer,
  asked: (log) => ({ after: log.entries.at(-1)?.pos ?? 0 }),
  take: (log, { messages, more }) => {
    setEntries(log, [...log.entries, ...messages])
    log.hasNewer = more
  },
}

async function loadPage(context: Context, chatId: string, kind: PageKind): Promise<void> {
  const { core } = context
  const chat = readable(core, chatId)
  if (!chat || chat.log.status !== 'loaded' || chat.log[kind.flag] || !kind.isThere(chat.log)) return
  chat.log[kind.flag] = true
  const isStill = isSameLog(chat)
  const page = await answerOf(core, core.api.messages(chatId, { ...kind.asked(chat.log), limit: limits.pageMax }))
  if (!page) await wait(core, restAfterFailureMs)
  if (!isStill()) return
  chat.log[kind.flag] = false
  if (!page) return
  kind.take(chat.log, page)
  await reconcile(context, chat, page)
}

/** Every new run is a new object: an answer for an older one is not for this one. */
function isSameLog(chat: ChatState): () => boolean {
  const { log } = chat
  return () => chat.log === log
}

/** The page may be older than what was told while it was on its way, which found no log to go to. */
async function reconcile({ core, catchUp }: Context, chat: ChatState, page: MessagesResponse): Promise<void> {
  core.react(confirmMine({ state: core.state, chat }, page.messages))
  if (page.rev < chat.rev) await catchUp.fill(chat.id, page.rev)
  else if (catchUp.wholeUpTo(chat.id) === undefined) recountUnread(chat, core.state.me.userId)
}
