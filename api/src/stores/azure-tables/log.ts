import type { TransactionAction } from '@azure/data-tables'
import type { Message } from '@chatr/protocol'
import type { ReadHead } from './chat-state.ts'
import { entryKey, headKey, idPrefix, keyOf } from './keys.ts'
import { type Head, type LogRow, readLogRow, writeEntry } from './rows.ts'
import type { Storage } from './storage.ts'

/** What a change leaves behind: the head as it is afterwards, and the entries that are new. */
export interface Change {
  head: Partial<Head>
  entries: readonly Message[]
  attempt: string
}

/**
 * The rows of a change of a chat, for one transaction. The head comes first: where another change was faster, its ETag
 * says so before anything else can be in the way. Each entry then creates the row of its rev, and one of its id: an id
 * that is taken stops the whole.
 */
export async function changeOf(
  head: ReadHead,
  { head: after, entries, attempt }: Change,
): Promise<TransactionAction[]> {
  const partitionKey = await keyOf(head.chatId)
  const keys = { partitionKey, rowKey: headKey }
  const rows = await Promise.all(entries.map((entry) => entryRows(partitionKey, head.generation, { entry, attempt })))
  return [['update', { ...keys, ...after, attempt }, 'Merge', { etag: head.etag }], ...rows.flat()]
}

export async function entryRows(
  partitionKey: string,
  generation: number,
  { entry, attempt }: { entry: Message; attempt: string },
): Promise<TransactionAction[]> {
  const row = { partitionKey, rowKey: entryKey(generation, entry.pos), ...writeEntry(entry, attempt) }
  const id = { partitionKey, rowKey: idPrefix(generation) + (await keyOf(entry.id)), pos: entry.pos }
  return [
    ['create', row],
    ['create', id],
  ]
}

/** The entry with this id, in two steps: the id's row tells the place. */
export async function findEntry({ messages }: Storage, { chatId, generation }: Head, id: string) {
  const partition = await keyOf(chatId)
  const place = await messages.find(partition, idPrefix(generation) + (await keyOf(id)))
  if (place === undefined) return undefined
  const row = await messages.find(partition, entryKey(generation, Number(place['pos'])))
  return row && entryOf(readLogRow(row))
}

const entryOf = (row: LogRow) => ('message' in row ? row : undefined)
