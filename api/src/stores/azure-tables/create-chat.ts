import type { TransactionAction } from '@azure/data-tables'
import type { Chat, Member } from '@chatr/protocol'
import type { NewChat } from '../../ports.ts'
import { findAnyHead, type Loaded, loadChat, type ReadHead } from './chat-state.ts'
import type { Parts } from './chats.ts'
import { contend } from './contend.ts'
import { headKey, keyOf, memberPrefix } from './keys.ts'
import { entryRows } from './log.ts'
import type { Mark } from './memberships.ts'
import { type Head, type MemberRow, toChat } from './rows.ts'

type Created = { outcome: 'created' | 'exists'; chat: Chat }

/**
 * First the row in the list and the marks in the index, which say nothing as long as there is no chat; then the chat, in
 * one transaction; then what the two say. A crash before the transaction leaves a chat that nobody sees.
 */
export async function createChat(parts: Parts, chat: NewChat): Promise<Created> {
  const { storage, list, memberships } = parts
  const members = chat.guest === undefined ? [chat.owner] : [chat.owner, chat.guest]
  const attempt = crypto.randomUUID()
  let marks: Mark[] | undefined
  let copied: Pick<Loaded, 'head' | 'chat'> | undefined
  const created = await contend(async (): Promise<Created | undefined> => {
    const before = await findAnyHead(storage, chat.id)
    if (before !== undefined && !before.isGone && before.attempt !== attempt) return existing(parts, chat.id)
    const head = headOf(chat, before, attempt)
    const mark = ({ userId }: Member) => memberships.mark({ userId, chatId: chat.id, isNew: true })
    const reserve = list.reserve({ id: chat.id, kind: chat.kind, generation: head.generation })
    ;[marks] = await Promise.all([marks ?? Promise.all(members.map(mark)), reserve])
    const isMade = before?.attempt === attempt
    if (!isMade && (await storage.messages.commit(await rowsOf(chat, head, before))) !== 'done') return undefined
    copied = { head, chat: toChat(head, members) }
    return { outcome: 'created', chat: copied.chat }
  })
  await Promise.all([copied && list.update(copied), settle(parts, { marks: marks ?? [], members, created })])
  return created
}

async function existing({ storage }: Parts, chatId: string): Promise<Created | undefined> {
  const loaded = await loadChat(storage, chatId)
  return loaded && { outcome: 'exists', chat: loaded.chat }
}

interface Settling {
  marks: readonly Mark[]
  members: readonly Member[]
  created: Created
}

const settle = ({ memberships }: Parts, { marks, members, created }: Settling) =>
  Promise.all(
    marks.map((mark, index) =>
      created.outcome === 'created' ? memberships.settle(mark, members[index]) : memberships.settleByTruth(mark),
    ),
  )

function headOf(chat: NewChat, before: ReadHead | undefined, attempt: string): ReadHead {
  const { id: chatId, name, kind, history, owner, at: createdAt } = chat
  const isMade = before?.attempt === attempt
  const generation = (before?.generation ?? 0) + (isMade ? 0 : 1)
  const counters = { rev: 1, version: 1, lastPos: 0, generation, isGone: false, attempt }
  return { chatId, name, kind, history, owner: owner.userId, createdAt, ...counters, etag: before?.etag ?? '' }
}

async function rowsOf(chat: NewChat, head: ReadHead, before: ReadHead | undefined): Promise<TransactionAction[]> {
  const { owner, guest, entryId: id, at } = chat
  const { attempt, generation } = head
  const partitionKey = await keyOf(chat.id)
  const { etag: _, ...properties } = head
  const row = { partitionKey, rowKey: headKey, ...properties }
  const entry = { id, pos: 1, rev: 1, kind: 'created', from: owner, text: '', at } as const
  return [
    before === undefined ? ['create', row] : ['update', row, 'Replace', { etag: before.etag }],
    ...(await Promise.all([owner, ...(guest ? [guest] : [])].map((member) => memberRow(head, member)))),
    ...(chat.history === 'kept' ? await entryRows(partitionKey, generation, { entry, attempt }) : []),
  ]
}

/** A new member: what was said before he came is not unread for him. */
export async function memberRow(
  { chatId, generation, rev, attempt }: Head,
  { userId, userName }: Member,
): Promise<TransactionAction> {
  const keys = { partitionKey: await keyOf(chatId), rowKey: memberPrefix(generation) + (await keyOf(userId)) }
  const row: MemberRow = { userId, userName, readPos: rev, attempt }
  return ['create', { ...keys, ...row }]
}
