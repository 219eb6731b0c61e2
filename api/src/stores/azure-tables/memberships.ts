import { isMemberNow } from './chat-state.ts'
import { contend } from './contend.ts'
import { inParallel } from './in-parallel.ts'
import { keyOf } from './keys.ts'
import { type MembershipRow, type Read, readMembership } from './rows.ts'
import type { Storage } from './storage.ts'

/** Nothing that was begun this long ago is still under way. */
export const staleAfterMs = 5 * 60_000

/** A row that says: somebody is changing whether he is in. `isSure` where nobody else was. */
export interface Mark {
  userId: string
  chatId: string
  etag: string
  isSure: boolean
}

/** Who is a member; `undefined` for one who is not. */
type Truth = { userName: string } | undefined

/**
 * Which chats a user is in. The truth are the rows of members, each in its chat's partition; this is the index by user,
 * in another one, so that the two cannot change at once. Therefore whoever changes the truth first marks the row here as
 * doubtful, and settles it afterwards, unless another one has marked it as well. A doubtful row is looked up in the truth
 * by whoever reads it. So the index is never wrong, and nearly always sure.
 */
export interface Memberships {
  chatIdsOf: (userId: string) => Promise<string[]>
  /** Also under which name he is there, as far as is known here. */
  rowsOf: (userId: string) => Promise<Read<MembershipRow>[]>
  /** `isNew`: there is hardly a row for the two yet. That only spares a request. */
  mark: (where: { userId: string; chatId: string; isNew: boolean }) => Promise<Mark>
  settle: (mark: Mark, truth: Truth) => Promise<void>
  /** As `settle`, by what the truth says now. */
  settleByTruth: (mark: Mark) => Promise<void>
  /** Remembers the name under which he is in a chat now. */
  rename: (userId: string, row: Read<MembershipRow>, userName: string) => Promise<void>
}

export function createMemberships(storage: Storage): Memberships {
  const { memberships } = storage

  const settle: Memberships['settle'] = async ({ userId, chatId, etag, isSure }, truth) => {
    // Another change is, or was, under way: whoever reads the row looks up what came of both.
    if (!isSure) return
    const key = await keyOf(userId)
    if (truth === undefined) await memberships.remove(key, await keyOf(chatId), etag)
    else await memberships.replace(await newRow(userId, { chatId, ...truth, doubtfulSince: 0 }), etag)
  }
  const rowsOf = async (userId: string) =>
    (await memberships.list({ partition: await keyOf(userId) })).map(readMembership)

  return {
    rowsOf,
    mark: (where) => mark(storage, where),
    settle,
    settleByTruth: async (mark) => {
      if (mark.isSure) await settle(mark, await isMemberNow(storage, mark.chatId, mark.userId))
    },
    chatIdsOf: async (userId) => {
      const rows = await rowsOf(userId)
      const isIn = await inParallel(rows, async ({ chatId, etag, doubtfulSince }) => {
        if (doubtfulSince === 0) return true
        const truth = await isMemberNow(storage, chatId, userId)
        const isSure = isStale(storage, doubtfulSince)
        await settle({ userId, chatId, etag, isSure }, truth)
        return truth !== undefined
      })
      return rows.filter((_, index) => isIn[index]).map(({ chatId }) => chatId)
    },
    rename: async (userId, { chatId, doubtfulSince, etag }, userName) =>
      void (await memberships.replace(await newRow(userId, { chatId, userName, doubtfulSince }), etag)),
  }
}

const isStale = ({ clock }: Storage, since: number) => clock() - since > staleAfterMs

const newRow = async (userId: string, row: MembershipRow) => ({
  partitionKey: await keyOf(userId),
  rowKey: await keyOf(row.chatId),
  userId,
  ...row,
})

async function mark(
  storage: Storage,
  { userId, chatId, isNew }: { userId: string; chatId: string; isNew: boolean },
): Promise<Mark> {
  const { memberships, clock } = storage
  const [partition, key] = [await keyOf(userId), await keyOf(chatId)]
  return contend(async (count) => {
    const found = isNew && count === 0 ? undefined : await memberships.find(partition, key)
    const before = found && readMembership(found)
    const row = await newRow(userId, { chatId, userName: before?.userName ?? '', doubtfulSince: clock() })
    const etag = before === undefined ? await memberships.create(row) : await memberships.replace(row, before.etag)
    const doubtfulSince = before?.doubtfulSince ?? 0
    return etag === undefined
      ? undefined
      : { userId, chatId, etag, isSure: doubtfulSince === 0 || isStale(storage, doubtfulSince) }
  })
}
