import { limits } from '@chatr/protocol'
import { odata } from '@azure/data-tables'
import type { ChatStore, ReadOutcome } from '../../ports.ts'
import { createAppend } from './append.ts'
import { findHead, findStanding } from './chat-state.ts'
import { contend } from './contend.ts'
import { entryKey, keyOf, memberPrefix } from './keys.ts'
import { createPages } from './pages.ts'
import type { Head, MemberRow } from './rows.ts'
import type { Storage } from './storage.ts'

/** What is said in the chats, and how far everybody has read. */
export function createMessages(storage: Storage): Pick<ChatStore, 'appendMessage' | 'readMessages' | 'moveRead'> {
  const pages = createPages(storage)
  return {
    appendMessage: createAppend(storage),
    readMessages: async (chatId, range) => {
      // First the head, then the rows up to its rev: what is written meanwhile is not half in the page.
      const head = await findHead(storage, chatId)
      return head && { ...(await pages(head, range)), rev: head.rev }
    },
    moveRead: (chatId, userId, pos) => moveRead(storage, { chatId, userId, pos }),
  }
}

interface Move {
  chatId: string
  userId: string
  pos: number
}

async function moveRead(storage: Storage, { chatId, userId, pos }: Move): Promise<ReadOutcome> {
  const attempt = crypto.randomUUID()
  return contend(async (): Promise<ReadOutcome | undefined> => {
    const standing = await findStanding(storage, chatId, [userId])
    if (standing === undefined) return { outcome: 'missing' }
    const { head } = standing
    const member = standing.members.get(userId)
    if (member === undefined) return { outcome: 'not-member' }
    const after = Math.max(member.readPos, Math.min(pos, head.rev))
    if (after > member.readPos) {
      const keys = { partitionKey: await keyOf(chatId), rowKey: memberPrefix(head.generation) + (await keyOf(userId)) }
      const etag = await storage.messages.merge({ ...keys, readPos: after, attempt }, member.etag)
      if (etag === undefined) return undefined
    }
    const unread = await countUnread(storage, head, { userId, readPos: after })
    // The second: it moved, but the answer was lost and the SDK tried again.
    const isMoved = after > member.readPos || member.attempt === attempt
    return { outcome: isMoved ? 'moved' : 'unmoved', pos: after, unread }
  })
}

/** The messages of others beyond a read position, no more than are counted. */
export async function countUnread(
  { messages }: Storage,
  { chatId, generation, rev, lastPos }: Head,
  { userId, readPos }: Pick<MemberRow, 'userId' | 'readPos'>,
): Promise<number> {
  if (lastPos <= readPos) return 0
  const range = { from: entryKey(generation, readPos + 1), to: entryKey(generation, rev + 1) }
  const where = odata`kind eq ${'message'} and userId ne ${userId}`
  const select = ['partitionKey', 'rowKey', 'deletedAt']
  let unread = 0
  for await (const row of messages.scan({ partition: await keyOf(chatId), range, where, select })) {
    if (typeof row['deletedAt'] !== 'string') unread++
    if (unread === limits.unreadMax) break
  }
  return unread
}
