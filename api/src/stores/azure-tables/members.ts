import type { TransactionAction } from '@azure/data-tables'
import type { Member, Message } from '@chatr/protocol'
import type { MemberOutcome, NewEntry } from '../../ports.ts'
import { findStanding, loadChat, type ReadHead, type Standing } from './chat-state.ts'
import type { Parts } from './chats.ts'
import { contend } from './contend.ts'
import { memberRow } from './create-chat.ts'
import { keyOf, memberPrefix } from './keys.ts'
import { changeOf, findEntry } from './log.ts'
import type { Mark } from './memberships.ts'
import type { Storage } from './storage.ts'

/** Somebody who comes (under a name) or goes. */
interface Move {
  kind: 'joined' | 'left'
  userId: string
  userName: string | undefined
  entry: NewEntry
}

/** Makes him a member; nothing changes where he is one. */
export async function addMember(
  parts: Parts,
  chatId: string,
  { member: { userId, userName }, entry }: { member: Member; entry: NewEntry },
): Promise<MemberOutcome<'added' | 'already'>> {
  const moved = await moveMember(parts, chatId, { kind: 'joined', userId, userName, entry })
  if (moved.outcome === 'missing') return moved
  return { ...moved, outcome: moved.outcome === 'changed' ? 'added' : 'already' }
}

/** Takes him out; nothing changes where he is not in. */
export async function removeMember(
  parts: Parts,
  chatId: string,
  { userId, entry }: { userId: string; entry: NewEntry },
): Promise<MemberOutcome<'removed' | 'not-member'>> {
  const moved = await moveMember(parts, chatId, { kind: 'left', userId, userName: undefined, entry })
  if (moved.outcome === 'missing') return moved
  return { ...moved, outcome: moved.outcome === 'changed' ? 'removed' : 'not-member' }
}

interface Moved {
  rev: number
  message: Message | undefined
}

/**
 * The mark in the index, then the change, in one transaction, then the index and the copy in the list. A crash after
 * the mark leaves it doubtful, one after the change the copy behind: whoever reads them next finds the truth.
 */
async function moveMember(parts: Parts, chatId: string, move: Move): Promise<MemberOutcome<'changed' | 'same'>> {
  const { storage, list, memberships } = parts
  const attempt = crypto.randomUUID()
  let mark: Mark | undefined
  let tried: Moved | undefined
  const moved = await contend(async (): Promise<Moved | 'missing' | 'same' | undefined> => {
    const standing = await findStanding(storage, chatId, [move.userId])
    if (standing === undefined) return 'missing'
    const isThere = standing.members.has(move.userId) === (move.kind === 'joined')
    if (isThere) return tried && (await isMadeBy(storage, standing, { move, attempt })) ? tried : 'same'
    mark ??= await memberships.mark({ userId: move.userId, chatId, isNew: move.kind === 'joined' })
    tried = movedBy(standing, move)
    const result = await storage.messages.commit(await rowsOf(standing.head, { move, moved: tried, attempt }))
    // What exists is the row of a member who came in between, or the id.
    if (result === 'exists' && (await findEntry(storage, standing.head, move.entry.id)) !== undefined) {
      throw new Error(`the id ${move.entry.id} of a new notice is taken`)
    }
    return result === 'done' ? tried : undefined
  })
  const loaded = moved === 'missing' ? undefined : await loadChat(storage, chatId)
  const isHis = typeof moved === 'object' && loaded !== undefined
  await Promise.all([
    isHis && list.update(loaded),
    mark && (isHis ? memberships.settle(mark, truthOf(move)) : memberships.settleByTruth(mark)),
  ])
  if (loaded === undefined) return { outcome: 'missing' }
  const { chat } = loaded
  return typeof moved === 'object'
    ? { outcome: 'changed', ...moved, chat }
    : { outcome: 'same', rev: chat.rev, message: undefined, chat }
}

const truthOf = ({ userName }: Move) => (userName === undefined ? undefined : { userName })

function movedBy({ head, members }: Standing, { kind, userId, userName, entry: { id, at } }: Move): Moved {
  const rev = head.rev + 1
  if (head.history === 'off') return { rev, message: undefined }
  const from = { userId, userName: userName ?? members.get(userId)?.userName ?? '' }
  return { rev, message: { id, pos: rev, rev, kind, from, text: '', at } }
}

interface Made {
  move: Move
  attempt: string
}

/** Whether it was this attempt after all that did it, and only the answer was lost. */
async function isMadeBy(storage: Storage, { head, members }: Standing, { move, attempt }: Made): Promise<boolean> {
  if (head.attempt === attempt || members.get(move.userId)?.attempt === attempt) return true
  return (await findEntry(storage, head, move.entry.id))?.attempt === attempt
}

async function rowsOf(head: ReadHead, { move, moved, attempt }: Made & { moved: Moved }): Promise<TransactionAction[]> {
  const { rev, message } = moved
  const after = { rev, version: head.version + 1 }
  const rows = await changeOf(head, { head: after, entries: message === undefined ? [] : [message], attempt })
  const { userId, userName } = move
  if (userName !== undefined) return [...rows, await memberRow({ ...head, rev, attempt }, { userId, userName })]
  const keys = { partitionKey: await keyOf(head.chatId), rowKey: memberPrefix(head.generation) + (await keyOf(userId)) }
  return [...rows, ['delete', keys]]
}
