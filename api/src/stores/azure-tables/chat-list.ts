import type { Chat } from '@chatr/protocol'
import { odata } from '@azure/data-tables'
import type { Loaded } from './chat-state.ts'
import { gather, spread } from './chunks.ts'
import { contend } from './contend.ts'
import { keyOf, listPartition } from './keys.ts'
import { type Head, type ListedRow, readChat, readListed } from './rows.ts'
import type { Storage } from './storage.ts'
import type { Row } from './table.ts'

/** An entity holds 1 MB, which is 524,288 UTF-16 units. A chat of more (some 5,000 members) is listed without `data`. */
const dataMaxLength = 480_000

/** One row of the list, as far as it tells. */
export interface Listed extends ListedRow {
  chat: Chat | undefined
}

/**
 * The table `chats`, as the first Chatr had it: each chat as JSON. It is a copy, written after the chat's own rows
 * changed, that makes the list one query. Which state it is a copy of stands beside it (`generation`, `version`): a
 * reader who finds it behind reads the chat's own rows, and writes the copy anew.
 */
export interface ChatList {
  /** Makes sure that there is a row. Comes before the chat itself: so none can be there and not be listed. */
  reserve: (chat: { id: string; kind: Chat['kind']; generation: number }) => Promise<void>
  /** Writes the copy, unless it is as new already. */
  update: (loaded: Pick<Loaded, 'head' | 'chat'>) => Promise<void>
  /** Takes the row of this generation, or an earlier one, away. */
  remove: (chatId: string, generation: number) => Promise<void>
  groups: () => Promise<Listed[]>
  find: (chatId: string) => Promise<Listed | undefined>
}

export function createChatList(storage: Storage): ChatList {
  const { chats } = storage
  const findRow = async (chatId: string) => {
    const row = await chats.find(listPartition, await keyOf(chatId))
    return row && { ...readListed(row), row }
  }
  return {
    reserve: ({ id, kind, generation }) =>
      contend(async (count) => {
        // A new chat has hardly a row yet.
        const found = count === 0 ? undefined : await findRow(id)
        if (found !== undefined && found.generation >= generation) return done
        const row = { ...(await keysOf(id)), chatId: id, kind, generation, version: 0 }
        const etag = found === undefined ? await chats.create(row) : await chats.replace(row, found.etag)
        return etag === undefined ? undefined : done
      }).then(nothing),
    update: ({ head, chat }) =>
      contend(async () => {
        const found = await findRow(head.chatId)
        // Not there: the chat has been removed meanwhile.
        if (found === undefined || !isBehind(found, head)) return done
        const row = { ...(await keysOf(head.chatId)), ...copyOf(head, chat) }
        return (await chats.replace(row, found.etag)) === undefined ? undefined : done
      }).then(nothing),
    remove: (chatId, generation) =>
      contend(async () => {
        const found = await findRow(chatId)
        if (found === undefined || found.generation > generation) return done
        return (await chats.remove(listPartition, await keyOf(chatId), found.etag)) ? done : undefined
      }).then(nothing),
    groups: async () =>
      (await chats.list({ partition: listPartition, where: odata`kind eq ${'group'}` })).map(toListed),
    find: async (chatId) => {
      const found = await findRow(chatId)
      return found && toListed(found.row)
    },
  }
}

const done = 'done'
const nothing = () => undefined

const keysOf = async (chatId: string) => ({ partitionKey: listPartition, rowKey: await keyOf(chatId) })

const isBehind = (row: ListedRow, head: Head) =>
  row.generation < head.generation || (row.generation === head.generation && row.version < head.version)

/** Whether the copy says of the members what the chat's own rows say. */
export const isCopyOf = (row: ListedRow, head: Head): boolean =>
  row.generation === head.generation && row.version === head.version

function copyOf({ chatId, kind, generation, version }: Head, chat: Chat) {
  const json = JSON.stringify(chat)
  return { chatId, kind, generation, version, ...(json.length > dataMaxLength ? {} : spread('data', json)) }
}

function toListed(row: Row): Listed {
  const data = gather('data', row)
  return { ...readListed(row), chat: data === undefined ? undefined : readChat.parse(JSON.parse(data)) }
}
