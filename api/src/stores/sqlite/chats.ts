import type { Chat, Member } from '@chatr/protocol'
import type { ChatStore, NewChat } from '../../ports.ts'
import { createLog, type EntryToAppend, type Log } from './log.ts'
import { createRemover } from './remover.ts'
import { chatColumns, type ChatRow, toChat } from './rows.ts'
import type { Sqlite } from './sqlite.ts'

type Verbs = 'createChat' | 'findChat' | 'chatIdsOf' | 'deleteChat' | 'addMember' | 'removeMember'

/** The chats and who is in them. */
export function createChats(sqlite: Sqlite): Pick<ChatStore, Verbs> {
  const tables = createTables(sqlite)
  const log = createLog(sqlite)
  const remover = createRemover(sqlite)
  const { snapshot, write } = sqlite
  void remover.removeHidden()

  return {
    createChat: (chat) => write(() => createChat(tables, log, chat)),
    findChat: async (chatId) => snapshot(() => tables.find(chatId)),
    chatIdsOf: async (userId) => tables.selectIdsOf.all(userId).map((row) => row.id),
    deleteChat: (chatId, owner) => {
      const deletion = write((): Deletion => {
        const row = tables.selectChat.get(chatId)
        if (row?.owner !== owner) return { outcome: 'missing' }
        const memberIds = Object.keys(tables.load(row).members)
        remover.hide(row.key)
        return { outcome: 'deleted', memberIds }
      })
      deletion.then(remover.removeHidden, () => undefined)
      return deletion
    },
    addMember: (chatId, member, entry) =>
      write(() =>
        addMember(tables, log, { chatId, member, entry: { ...entry, kind: 'joined', from: member, text: '' } }),
      ),
    removeMember: (chatId, userId, { id, at }) =>
      write(() => {
        const row = tables.selectChat.get(chatId)
        if (row === null) return { outcome: 'missing' }
        const from = tables.selectMember.get(row.key, userId)
        if (from === null) return { outcome: 'not-member', rev: row.rev, chat: tables.load(row), message: undefined }
        tables.removeMember.run(row.key, userId)
        const { rev, message } = log.advance(row, { id, at, kind: 'left', from, text: '' })
        return { outcome: 'removed', rev, chat: tables.load({ ...row, rev }), message }
      }),
  }
}

type Deletion = Awaited<ReturnType<ChatStore['deleteChat']>>
type Tables = ReturnType<typeof createTables>

function createTables({ prepare }: Sqlite) {
  const selectChat = prepare<ChatRow, [string]>(`SELECT ${chatColumns} FROM chats WHERE id = ?`)
  const selectMembers = prepare<Member, [number]>(
    'SELECT user AS userId, name AS userName FROM members WHERE chat = ? ORDER BY user',
  )
  const load = (row: ChatRow): Chat => toChat(row, selectMembers.all(row.key))
  return {
    selectChat,
    selectMember: prepare<Member, [number, string]>(
      'SELECT user AS userId, name AS userName FROM members WHERE chat = ? AND user = ?',
    ),
    selectIdsOf: prepare<{ id: string }, [string]>(
      'SELECT id FROM members JOIN chats ON key = chat WHERE user = ? ORDER BY id',
    ),
    insertChat: prepare<{ key: number }, [string, string, string, string, string, string]>(
      `INSERT INTO chats (id, name, kind, history, owner, rev, created_at)
       VALUES (?, ?, ?, ?, ?, 1, ?) RETURNING key`,
    ),
    insertMember: prepare<null, [number, string, string]>('INSERT INTO members (chat, user, name) VALUES (?, ?, ?)'),
    insertRead: prepare<null, [number, string, number]>('INSERT INTO reads (chat, user, pos) VALUES (?, ?, ?)'),
    removeMember: prepare<null, [number, string]>('DELETE FROM members WHERE chat = ? AND user = ?'),
    load,
    find: (chatId: string): Chat | undefined => {
      const row = selectChat.get(chatId)
      return row === null ? undefined : load(row)
    },
  }
}

function createChat(tables: Tables, log: Log, chat: NewChat): { outcome: 'created' | 'exists'; chat: Chat } {
  const existing = tables.find(chat.id)
  if (existing !== undefined) return { outcome: 'exists', chat: existing }
  const { id, name, kind, history, owner, guest, entryId, at } = chat
  const key = tables.insertChat.get(id, name, kind, history, owner.userId, at)?.key
  if (key === undefined) throw new Error('SQLite returned no key for a new chat')
  for (const member of guest === undefined ? [owner] : [owner, guest]) join(tables, { key, rev: 1 }, member)
  // The creation is the chat's first change, whether or not a log keeps it.
  log.advance({ key, rev: 0, history }, { id: entryId, at, kind: 'created', from: owner, text: '' })
  const created = tables.find(id)
  if (created === undefined) throw new Error('a new chat is not there')
  return { outcome: 'created', chat: created }
}

interface Joining {
  chatId: string
  member: Member
  entry: EntryToAppend
}

function addMember(tables: Tables, log: Log, { chatId, member, entry }: Joining) {
  const row = tables.selectChat.get(chatId)
  if (row === null) return { outcome: 'missing' } as const
  if (tables.selectMember.get(row.key, member.userId) !== null) {
    return { outcome: 'already', rev: row.rev, chat: tables.load(row), message: undefined } as const
  }
  const { rev, message } = log.advance(row, entry)
  join(tables, { key: row.key, rev }, member)
  return { outcome: 'added', rev, chat: tables.load({ ...row, rev }), message } as const
}

/** What was said before somebody came is not unread for him. */
function join(tables: Tables, { key, rev }: { key: number; rev: number }, { userId, userName }: Member): void {
  tables.insertMember.run(key, userId, userName)
  tables.insertRead.run(key, userId, rev)
}
