import { type Message, limits } from '@chatr/protocol'
import type { AppendOutcome, ChatStore, MessagePage, MessageRange, ReadOutcome } from '../../ports.ts'
import { type ChatHead, createLog } from './log.ts'
import { type MessageRow, messageColumns, toMessage } from './rows.ts'
import type { Sqlite } from './sqlite.ts'

/** A chat as one person sees it; the last two are null where he is not a member. */
interface MemberRow extends ChatHead {
  member: string | null
  read: number | null
}

/** What is said in the chats, and how far everybody has read. */
export function createMessages(sqlite: Sqlite): Pick<ChatStore, 'appendMessage' | 'readMessages' | 'moveRead'> {
  const { prepare, write, snapshot } = sqlite
  const log = createLog(sqlite)
  const pages = createPages(sqlite)
  const selectHead = prepare<MemberRow, [string, string]>(
    `SELECT key, rev, history, members.name AS member, reads.pos AS read FROM chats
     LEFT JOIN members ON members.chat = key AND members.user = ?2
     LEFT JOIN reads ON reads.chat = key AND reads.user = ?2 WHERE id = ?1`,
  )
  const selectChat = prepare<{ key: number; rev: number }, [string]>('SELECT key, rev FROM chats WHERE id = ?')
  const updateRead = prepare<null, [number, string, number]>('UPDATE reads SET pos = ?3 WHERE chat = ?1 AND user = ?2')
  const countUnread = prepare<{ unread: number }, [number, string, number]>(
    `SELECT count(*) AS unread FROM (${unreadOf('?1', '?2', '?3')})`,
  )

  return {
    appendMessage: (chatId, { id, at, from: userId, text }) =>
      write((): AppendOutcome => {
        const chat = selectHead.get(chatId, userId)
        if (chat === null) return { outcome: 'missing' }
        if (chat.member === null) return { outcome: 'not-member' }
        if (chat.history === 'off') return { outcome: 'off-record' }
        const from = { userId, userName: chat.member }
        const message = log.append(chat, { id, at, kind: 'message', from, text })
        if (message !== undefined) return { outcome: 'appended', rev: message.rev, message }
        return repeated(log.find(chat.key, id), userId)
      }),
    readMessages: async (chatId, range) =>
      snapshot((): MessagePage | undefined => {
        const chat = selectChat.get(chatId)
        return chat === null ? undefined : { ...pages(chat.key, range), rev: chat.rev }
      }),
    moveRead: (chatId, userId, pos) =>
      write((): ReadOutcome => {
        const chat = selectHead.get(chatId, userId)
        if (chat === null) return { outcome: 'missing' }
        if (chat.member === null) return { outcome: 'not-member' }
        const before = chat.read ?? 0
        const after = Math.max(before, Math.min(pos, chat.rev))
        if (after > before) updateRead.run(chat.key, userId, after)
        const unread = countUnread.get(chat.key, userId, after)?.unread ?? 0
        return { outcome: after > before ? 'moved' : 'unmoved', pos: after, unread }
      }),
  }
}

/** The messages of others in a chat beyond a position, no more than are counted. */
export const unreadOf = (chat: string, user: string, pos: string): string =>
  `SELECT 1 FROM messages WHERE chat = ${chat} AND pos > ${pos} AND author <> ${user}
   AND kind = 'message' AND deleted_at IS NULL LIMIT ${limits.unreadMax}`

function repeated(stored: Message | undefined, userId: string): AppendOutcome {
  if (stored?.kind !== 'message' || stored.from.userId !== userId) return { outcome: 'conflict' }
  return { outcome: 'repeated', rev: stored.rev, message: stored }
}

type Page = Pick<MessagePage, 'messages' | 'more'>

function createPages({ prepare }: Sqlite): (chatKey: number, range: MessageRange) => Page {
  const select = (rest: string) =>
    prepare<MessageRow, [number, number, number]>(
      `SELECT ${messageColumns} FROM messages WHERE chat = ?1 AND ${rest} LIMIT ?3`,
    )
  const before = select('pos < ?2 ORDER BY pos DESC')
  const after = select('pos > ?2 ORDER BY pos')
  const bornSince = select('pos > ?2 AND rev = pos ORDER BY pos')
  const changedSince = select('rev > ?2 AND rev > pos ORDER BY rev')

  type Query = typeof before
  /** One row more than asked for tells whether there is more. */
  const page = (query: Query, [chat, at, limit]: [number, number, number]): Page =>
    cut(query.all(chat, at, limit + 1), limit)
  const backwards = (args: [number, number, number]): Page => {
    const { messages, more } = page(before, args)
    return { messages: messages.reverse(), more }
  }

  const readers: Record<MessageRange['from'], (args: [number, number, number]) => Page> = {
    newest: backwards,
    before: backwards,
    after: (args) => page(after, args),
    since: ([chat, rev, limit]) => {
      const rows = [bornSince, changedSince].flatMap((query) => query.all(chat, rev, limit + 1))
      return cut(
        rows.sort((one, other) => one.rev - other.rev),
        limit,
      )
    },
    around: ([chat, pos, limit]) => {
      const older = backwards([chat, pos, Math.floor(limit / 2)])
      const newer = page(after, [chat, pos - 1, Math.ceil(limit / 2)])
      return { messages: [...older.messages, ...newer.messages], more: older.more }
    },
  }
  return (chat, range) => readers[range.from]([chat, startOf(range), range.limit])
}

const cut = (rows: MessageRow[], limit: number): Page => ({
  messages: rows.slice(0, limit).map(toMessage),
  more: rows.length > limit,
})

function startOf(range: MessageRange): number {
  if (range.from === 'newest') return Number.MAX_SAFE_INTEGER
  return range.from === 'since' ? range.rev : range.pos
}
