import type { ChatStore } from '../../ports.ts'
import { findAnyHead, loadChat } from './chat-state.ts'
import type { Parts } from './chats.ts'
import { contend } from './contend.ts'
import { inParallel } from './in-parallel.ts'
import { headKey, keyOf } from './keys.ts'
import type { Mark } from './memberships.ts'

type Deletion = Awaited<ReturnType<ChatStore['deleteChat']>>

/**
 * One write takes the chat away from everybody. Before it all members are marked in the index, and it is noted that
 * there will be rows to remove; after it the index and the list are put right. The rows themselves go afterwards, by and
 * by, and where the process ends before that, `Remover.sweep` does it.
 */
export async function deleteChat(parts: Parts, chatId: string, owner: string): Promise<Deletion> {
  const { storage, list, memberships, remover } = parts
  const attempt = crypto.randomUUID()
  const marks = new Map<string, Mark>()
  let generation = 0
  const deletion = await contend(async (): Promise<Deletion | undefined> => {
    // The attempt before has done it after all: only its answer was lost.
    if (generation > 0 && (await findAnyHead(storage, chatId))?.attempt === attempt) return deleted(marks)
    const loaded = await loadChat(storage, chatId)
    if (loaded?.head.owner !== owner) return { outcome: 'missing' }
    const { head, members } = loaded
    const ids = members.map(({ userId }) => userId)
    await inParallel(
      ids.filter((id) => !marks.has(id)),
      async (userId) => void marks.set(userId, await memberships.mark({ userId, chatId, isNew: false })),
    )
    if (generation !== head.generation) await remover.note(chatId, head.generation)
    generation = head.generation
    const row = { partitionKey: await keyOf(chatId), rowKey: headKey, isGone: true, attempt }
    const etag = await storage.messages.merge(row, head.etag)
    return etag === undefined ? undefined : { outcome: 'deleted', memberIds: ids }
  })
  const isDeleted = deletion.outcome === 'deleted'
  const settled = inParallel([...marks.values()], (mark) =>
    isDeleted ? memberships.settle(mark, undefined) : memberships.settleByTruth(mark),
  )
  await Promise.all([settled, isDeleted && list.remove(chatId, generation)])
  if (!isDeleted) return deletion
  remover.start(chatId, generation)
  return deletion
}

const deleted = (marks: Map<string, Mark>): Deletion => ({ outcome: 'deleted', memberIds: [...marks.keys()] })
