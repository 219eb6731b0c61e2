import { Chat, type Member, Message } from '@chatr/protocol'
import * as z from 'zod/mini'
import type { Row } from './table.ts'

const count = z.int().check(z.nonnegative())

/** The one row that every change of a chat replaces: who holds its ETag knows all that happened before. */
const HeadRow = z.object({
  chatId: z.string(),
  name: z.string(),
  kind: Chat.shape.kind,
  history: Chat.shape.history,
  owner: z.string(),
  createdAt: z.string(),
  rev: count,
  /** Raised by one with every change of who is a member under which name. */
  version: count,
  /** The place of the newest message (not a notice); 0 for none. */
  lastPos: count,
  /** Which life of this chat id it is. */
  generation: count,
  /** Removed: the row stays, so that the next life is told from this one. */
  isGone: z.boolean(),
  /** Names the attempt that wrote the row. Whoever lost the answer to his own knows it by this. */
  attempt: z.string(),
})
export type Head = z.infer<typeof HeadRow>

/** A member, and how far he has read. */
const MemberRow = z.object({ userId: z.string(), userName: z.string(), readPos: count, attempt: z.string() })
export type MemberRow = z.infer<typeof MemberRow>

const EntryRow = z.object({
  id: z.string(),
  pos: count,
  rev: count,
  kind: Message.shape.kind,
  userId: z.string(),
  userName: z.string(),
  text: z.string(),
  at: z.string(),
  editedAt: z.optional(z.string()),
  deletedAt: z.optional(z.string()),
  attempt: z.string(),
})

/** At the rev of a later change there is no entry, but the place of the one that changed. */
const ChangeRow = z.object({ kind: z.literal('change'), changedPos: count })

const UserRow = z.object({ userId: z.string(), userName: z.string(), userProvider: z.string() })

const ListedRow = z.object({ chatId: z.string(), generation: count, version: count })
export type ListedRow = z.infer<typeof ListedRow>

const MembershipRow = z.object({ chatId: z.string(), userName: z.string(), doubtfulSince: z.number() })
export type MembershipRow = z.infer<typeof MembershipRow>

const RemovalRow = z.object({ chatId: z.string(), generation: count, at: z.number() })
export type RemovalRow = z.infer<typeof RemovalRow>

const ConnectionRow = z.object({ userId: z.string() })

/** A row as it was read: its ETag comes along. */
export type Read<T> = T & { etag: string }

const reader = <S extends z.ZodMiniObject>(schema: S) => {
  const compiled = z.compile(schema)
  return (row: Row): Read<z.output<S>> => Object.assign(compiled.parse(row), { etag: row.etag })
}

export const readHead = reader(HeadRow)
export const readMember = reader(MemberRow)
export const readUser = reader(UserRow)
export const readListed = reader(ListedRow)
export const readMembership = reader(MembershipRow)
export const readRemoval = reader(RemovalRow)
export const readConnection = reader(ConnectionRow)

/** The members as they are: a record of Zod's would lose one with an id such as `__proto__`. */
const members = z.custom<Chat['members']>((value) => typeof value === 'object' && value !== null)
export const readChat = z.compile(z.extend(Chat, { members }))

const readEntryRow = z.compile(EntryRow)
const readChangeRow = z.compile(ChangeRow)

export type LogRow = { changedPos: number } | { message: Message; attempt: string }

export function readLogRow(row: Row): LogRow {
  if (row['kind'] === 'change') return { changedPos: readChangeRow.parse(row).changedPos }
  const { userId, userName, attempt, id, pos, rev, kind, text, at, editedAt, deletedAt } = readEntryRow.parse(row)
  const from = { userId, userName }
  const message: Message = { id, pos, rev, kind, from, text, at }
  if (editedAt !== undefined) message.editedAt = editedAt
  if (deletedAt !== undefined) message.deletedAt = deletedAt
  return { message, attempt }
}

export const writeEntry = ({ from, ...message }: Message, attempt: string) => ({
  ...message,
  userId: from.userId,
  userName: from.userName,
  attempt,
})

const toMember = ({ userId, userName }: Member): Member => ({ userId, userName })

export const toChat = (head: Head, members: readonly Member[]): Chat => ({
  id: head.chatId,
  name: head.name,
  kind: head.kind,
  history: head.history,
  owner: head.owner,
  // `fromEntries` makes a plain entry even of an id such as `__proto__`.
  members: Object.fromEntries(members.map((member) => [member.userId, toMember(member)])),
  rev: head.rev,
  createdAt: head.createdAt,
})
