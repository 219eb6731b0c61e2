import type { Message } from '@chatr/protocol'
import { odata } from '@azure/data-tables'
import type { MessagePage, MessageRange } from '../../ports.ts'
import { entryKey, keyOf } from './keys.ts'
import { type Head, readLogRow } from './rows.ts'
import type { Storage } from './storage.ts'

type Page = Pick<MessagePage, 'messages' | 'more'>

/** Pages of a chat's log as it was when `head` was read. */
export function createPages(storage: Storage): (head: Head, range: MessageRange) => Promise<Page> {
  const { messages } = storage

  /** Entries from one rev to another, both inclusive; the rows of later changes say nothing of places. */
  const born = async (head: Head, [from, to]: [number, number], limit?: number): Promise<Message[]> => {
    if (from > to) return []
    const range = { from: entryKey(head.generation, from), to: entryKey(head.generation, to + 1) }
    const where = odata`kind ne ${'change'}`
    const scan = { partition: await keyOf(head.chatId), range, where, ...(limit !== undefined && { limit }) }
    return (await messages.list(scan)).map(readLogRow).flatMap((row) => ('message' in row ? [row.message] : []))
  }

  const after = async (head: Head, pos: number, limit: number): Promise<Page> =>
    cut(await born(head, [pos + 1, head.rev], limit + 1), limit)

  /** The storage goes forwards only: as many revs as entries are wanted, and more where changes stand between them. */
  const before = async (head: Head, pos: number, limit: number): Promise<Page> => {
    const found: Message[] = []
    let [to, width] = [Math.min(pos - 1, head.rev), limit + 1]
    while (to > 0 && found.length <= limit) {
      const from = Math.max(1, to - width + 1)
      found.unshift(...(await born(head, [from, to])))
      ;[to, width] = [from - 1, width * 2]
    }
    return { messages: found.slice(-limit), more: found.length > limit }
  }

  const around = async (head: Head, pos: number, limit: number): Promise<Page> => {
    const [older, newer] = await Promise.all([
      before(head, pos, Math.floor(limit / 2)),
      after(head, pos - 1, Math.ceil(limit / 2)),
    ])
    return { messages: [...older.messages, ...newer.messages], more: older.more }
  }

  return (head, range) => {
    const { from, limit } = range
    if (from === 'since') return since(storage, head, range)
    if (from === 'newest') return before(head, Number.MAX_SAFE_INTEGER, limit)
    return { before, after, around }[from](head, range.pos, limit)
  }
}

const cut = (messages: Message[], limit: number): Page => ({
  messages: messages.slice(0, limit),
  more: messages.length > limit,
})

/** By rev: what was born since and is as it was then, and what changed since, each at its last change. */
async function since({ messages }: Storage, head: Head, { rev, limit }: { rev: number; limit: number }): Promise<Page> {
  const partition = await keyOf(head.chatId)
  const { generation } = head
  const found: Message[] = []
  const range = { from: entryKey(generation, rev + 1), to: entryKey(generation, head.rev + 1) }
  for await (const row of messages.scan({ partition, range, limit: rev < head.rev ? Number.MAX_SAFE_INTEGER : 0 })) {
    const at = Number(row.rowKey.slice(-16))
    let entry = readLogRow(row)
    if ('changedPos' in entry) {
      const changed = await messages.find(partition, entryKey(generation, entry.changedPos))
      if (changed === undefined) continue
      entry = readLogRow(changed)
    }
    if ('message' in entry && entry.message.rev === at) found.push(entry.message)
    if (found.length > limit) break
  }
  return cut(found, limit)
}
