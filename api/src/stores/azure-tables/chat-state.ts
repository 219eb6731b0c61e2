import type { Chat } from '@chatr/protocol'
import { headAndMembers, headKey, keyOf, memberPrefix } from './keys.ts'
import { type Head, type MemberRow, type Read, readHead, readMember, toChat } from './rows.ts'
import type { Storage } from './storage.ts'
import type { Row } from './table.ts'

export type ReadHead = Read<Head>

/** A chat with all its members. */
export interface Loaded {
  head: ReadHead
  members: Read<MemberRow>[]
  chat: Chat
}

/** The head of a chat that is there. */
export async function findHead(storage: Storage, chatId: string): Promise<ReadHead | undefined> {
  const head = await findAnyHead(storage, chatId)
  return head?.isGone ? undefined : head
}

/** The head also of a chat that was removed. */
export async function findAnyHead({ messages }: Storage, chatId: string): Promise<ReadHead | undefined> {
  const row = await messages.find(await keyOf(chatId), headKey)
  return row && readHead(row)
}

/** In one query, however many there are: a thousand rows come with each answer. */
export async function loadChat({ messages }: Storage, chatId: string): Promise<Loaded | undefined> {
  const [row, ...others] = await messages.list({ partition: await keyOf(chatId), range: headAndMembers })
  if (row?.rowKey !== headKey) return undefined
  const head = readHead(row)
  if (head.isGone) return undefined
  // Those of an earlier generation are on their way out.
  const prefix = memberPrefix(head.generation)
  const members = others.filter(({ rowKey }) => rowKey.startsWith(prefix)).map(readMember)
  return { head, members, chat: toChat(head, members) }
}

/** How some people stand in a chat. */
export interface Standing {
  head: ReadHead
  members: Map<string, Read<MemberRow>>
}

/** A chat and some of its members, all asked for at once; `undefined` where there is no such chat. */
export async function findStanding(
  storage: Storage,
  chatId: string,
  userIds: readonly string[],
): Promise<Standing | undefined> {
  // Hardly any chat is created again after its removal: the first generation is the right guess.
  const [head, guessed] = await Promise.all([
    findHead(storage, chatId),
    findMembers(storage, { chatId, userIds, generation: 1 }),
  ])
  if (head === undefined) return undefined
  const { generation } = head
  return { head, members: generation === 1 ? guessed : await findMembers(storage, { chatId, userIds, generation }) }
}

interface Wanted {
  chatId: string
  userIds: readonly string[]
  generation: number
}

async function findMembers({ messages }: Storage, { chatId, userIds, generation }: Wanted) {
  const partition = await keyOf(chatId)
  const prefix = memberPrefix(generation)
  const rows = await Promise.all(userIds.map(async (id) => messages.find(partition, prefix + (await keyOf(id)))))
  const found = rows.filter((row): row is Row => row !== undefined).map(readMember)
  return new Map(found.map((member) => [member.userId, member]))
}

export const isMemberNow = async (storage: Storage, chatId: string, userId: string): Promise<MemberRow | undefined> =>
  (await findStanding(storage, chatId, [userId]))?.members.get(userId)
