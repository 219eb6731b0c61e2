import type { ChatListing } from '@chatr/protocol'
import type { ChatStore } from '../../ports.ts'
import { isCopyOf, type Listed } from './chat-list.ts'
import { findStanding, loadChat, type ReadHead } from './chat-state.ts'
import type { Parts } from './chats.ts'
import { inParallel } from './in-parallel.ts'
import { entryKey, keyOf } from './keys.ts'
import { countUnread } from './messages.ts'
import { type Head, type MemberRow, readLogRow } from './rows.ts'
import type { Storage } from './storage.ts'

/** Chats as one person sees them. */
export function createListings(parts: Parts): Pick<ChatStore, 'listChats' | 'findListing'> {
  const { list, memberships } = parts
  const findOne = async (chatId: string, userIds: string[], row?: Listed) => {
    const listed = row ?? (await list.find(chatId))
    return listed && toListing(parts, listed, userIds)
  }
  return {
    findListing: (chatId, userId) => findOne(chatId, [userId]),
    listChats: async (userId) => {
      const [groups, chatIds] = await Promise.all([list.groups(), memberships.chatIdsOf(userId)])
      const rows = new Map<string, Listed | undefined>(groups.map((row) => [row.chatId, row]))
      // Of the others he is in, which are private, the rows are yet to be read.
      for (const chatId of chatIds) if (!rows.has(chatId)) rows.set(chatId, undefined)
      const isIn = new Set(chatIds)
      const listings = await inParallel([...rows], ([chatId, row]) =>
        findOne(chatId, isIn.has(chatId) ? [userId] : [], row),
      )
      return listings.filter((listing): listing is ChatListing => listing !== undefined)
    },
  }
}

/** For one member, or for nobody: then how one stands in it is not asked for. */
async function toListing(parts: Parts, listed: Listed, userIds: readonly string[]): Promise<ChatListing | undefined> {
  const { storage } = parts
  const standing = await findStanding(storage, listed.chatId, userIds)
  if (standing === undefined) return undefined
  const member = standing.members.values().next().value
  if (standing.head.kind === 'private' && member === undefined) return undefined
  const known = await withMembers(parts, listed, standing.head)
  if (known === undefined) return undefined
  const listing: ChatListing = { ...known.chat, rev: known.head.rev }
  if (member === undefined) return listing
  const [unread, last] = await Promise.all([countUnread(storage, known.head, member), findLast(storage, known.head)])
  return { ...listing, ...standingOf(member, unread), ...(last && { last }) }
}

const standingOf = ({ readPos }: MemberRow, unread: number) => ({ readPos, unread })

/** The members by the copy in the list, or where that is behind by the chat's own rows; then the copy is put right. */
async function withMembers({ storage, list }: Parts, listed: Listed, head: ReadHead) {
  if (listed.chat !== undefined && isCopyOf(listed, head)) return { head, chat: listed.chat }
  const loaded = await loadChat(storage, head.chatId)
  if (loaded !== undefined) await list.update(loaded)
  return loaded
}

async function findLast({ messages }: Storage, { chatId, generation, lastPos }: Head) {
  if (lastPos === 0) return undefined
  const row = await messages.find(await keyOf(chatId), entryKey(generation, lastPos))
  const entry = row && readLogRow(row)
  return entry && 'message' in entry ? entry.message : undefined
}
