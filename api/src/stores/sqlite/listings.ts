import type { ChatListing, Member } from '@chatr/protocol'
import type { ChatStore } from '../../ports.ts'
import { unreadOf } from './messages.ts'
import { chatColumns, type ChatRow, messageColumns, type MessageRow, toChat, toMessage } from './rows.ts'
import type { Sqlite } from './sqlite.ts'

/** How one member stands in one chat. `id` and what follows is the newest message, null where there is none. */
type StandingRow = { chat: number; read: number; unread: number } & (MessageRow | { id: null })

/** Chats as one person sees them, in three queries whatever their number. */
export function createListings(sqlite: Sqlite): Pick<ChatStore, 'listChats' | 'findListing'> {
  const all = createQueries(
    sqlite,
    `SELECT key FROM chats WHERE kind = 'group' UNION SELECT chat FROM members WHERE user = ?1`,
  )
  const one = createQueries(
    sqlite,
    `SELECT key FROM chats WHERE id = ?2
     AND (kind = 'group' OR EXISTS (SELECT 1 FROM members WHERE chat = key AND user = ?1))`,
  )
  return {
    listChats: async (userId) => sqlite.snapshot(() => list(all, [userId, ''])),
    findListing: async (chatId, userId) => sqlite.snapshot(() => list(one, [userId, chatId])[0]),
  }
}

type Params = [userId: string, chatId: string]
type Queries = ReturnType<typeof createQueries>

function createQueries({ prepare }: Sqlite, listed: string) {
  const newest = `SELECT max(pos) FROM messages WHERE chat = reads.chat AND kind = 'message' AND deleted_at IS NULL`
  return {
    // `?2` is named in each, so that all three take the same parameters.
    chats: prepare<ChatRow, Params>(
      `SELECT ${chatColumns} FROM chats WHERE chats.key IN (${listed}) AND ?2 IS NOT NULL`,
    ),
    members: prepare<Member & { chat: number }, Params>(
      `SELECT members.chat, members.user AS userId, members.name AS userName FROM chats
       JOIN members ON members.chat = key WHERE chats.key IN (${listed}) AND ?2 IS NOT NULL`,
    ),
    standings: prepare<StandingRow, Params>(
      `SELECT reads.chat, reads.pos AS read, (SELECT count(*) FROM (${unreadOf('reads.chat', '?1', 'reads.pos')})) AS unread,
         ${messageColumns.replaceAll(/\w+/g, 'last.$&')}
       FROM reads JOIN chats ON key = reads.chat
       LEFT JOIN messages last ON last.chat = reads.chat AND last.pos = (${newest})
       WHERE reads.user = ?1 AND chats.key IN (${listed}) AND ?2 IS NOT NULL`,
    ),
  }
}

function list({ chats, members, standings }: Queries, params: Params): ChatListing[] {
  const membersOf = new Map<number, Member[]>()
  for (const { chat, userId, userName } of members.all(...params)) {
    const known = membersOf.get(chat)
    if (known === undefined) membersOf.set(chat, [{ userId, userName }])
    else known.push({ userId, userName })
  }
  const standingOf = new Map(standings.all(...params).map((row) => [row.chat, row]))
  return chats.all(...params).map((row) => {
    const listing: ChatListing = toChat(row, membersOf.get(row.key) ?? [])
    const standing = standingOf.get(row.key)
    if (standing === undefined) return listing
    listing.readPos = standing.read
    listing.unread = standing.unread
    if (standing.id !== null) listing.last = toMessage(standing)
    return listing
  })
}
