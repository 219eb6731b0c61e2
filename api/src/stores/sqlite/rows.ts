import type { Chat, Member, Message } from '@chatr/protocol'

export interface ChatRow {
  key: number
  id: string
  name: string
  kind: Chat['kind']
  history: Chat['history']
  owner: string
  rev: number
  created_at: string
}

export interface MessageRow {
  pos: number
  rev: number
  id: string
  kind: Message['kind']
  author: string
  author_name: string
  text: string
  at: string
  edited_at: string | null
  deleted_at: string | null
}

export const chatColumns = 'key, id, chats.name, kind, history, owner, rev, created_at'
export const messageColumns = 'pos, rev, id, kind, author, author_name, text, at, edited_at, deleted_at'

export const toChat = (row: ChatRow, members: readonly Member[]): Chat => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  history: row.history,
  owner: row.owner,
  // `fromEntries` makes a plain entry even of an id such as `__proto__`.
  members: Object.fromEntries(members.map((member) => [member.userId, member])),
  rev: row.rev,
  createdAt: row.created_at,
})

export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  pos: row.pos,
  rev: row.rev,
  kind: row.kind,
  from: { userId: row.author, userName: row.author_name },
  text: row.text,
  at: row.at,
  ...(row.edited_at === null ? {} : { editedAt: row.edited_at }),
  ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at }),
})
