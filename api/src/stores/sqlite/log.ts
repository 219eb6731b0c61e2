import type { Member, Message } from '@chatr/protocol'
import type { NewEntry } from '../../ports.ts'
import { type MessageRow, messageColumns, toMessage } from './rows.ts'
import type { Sqlite } from './sqlite.ts'

/** A chat as far as a change of it needs to know. */
export interface ChatHead {
  key: number
  rev: number
  history: 'kept' | 'off'
}

export interface EntryToAppend extends NewEntry {
  kind: Message['kind']
  from: Member
  text: string
}

export interface Log {
  /** Raises the chat's rev by one and, where history is kept, writes the entry there. Only inside a write. */
  advance: (chat: ChatHead, entry: EntryToAppend) => { rev: number; message: Message | undefined }
  /** As `advance`, for a chat that keeps history; `undefined`, and nothing done, where the id is taken. */
  append: (chat: ChatHead, entry: EntryToAppend) => Message | undefined
  find: (chatKey: number, messageId: string) => Message | undefined
}

/** The log of a chat, and its counter without gaps. */
export function createLog({ prepare }: Sqlite): Log {
  const insert = prepare<null, [number, number, string, string, string, string, string, string]>(
    `INSERT INTO messages (chat, pos, rev, id, kind, author, author_name, text, at)
     VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id, chat) DO NOTHING`,
  )
  const updateRev = prepare<null, [number, number]>('UPDATE chats SET rev = ?2 WHERE key = ?1')
  const select = prepare<MessageRow, [number, string]>(
    `SELECT ${messageColumns} FROM messages WHERE chat = ? AND id = ?`,
  )

  const append: Log['append'] = ({ key, rev: before }, { id, at, kind, from, text }) => {
    const rev = before + 1
    const inserted = insert.run(key, rev, id, kind, from.userId, from.userName, text, at)
    if (inserted.changes === 0) return undefined
    updateRev.run(key, rev)
    return { id, pos: rev, rev, kind, from, text, at }
  }

  return {
    append,
    advance: (chat, entry) => {
      const rev = chat.rev + 1
      if (chat.history === 'off') {
        updateRev.run(chat.key, rev)
        return { rev, message: undefined }
      }
      const message = append(chat, entry)
      if (message === undefined) throw new Error(`the id ${entry.id} of a new notice is taken`)
      return { rev, message }
    },
    find: (chatKey, messageId) => {
      const row = select.get(chatKey, messageId)
      return row === null ? undefined : toMessage(row)
    },
  }
}
