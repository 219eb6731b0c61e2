import type { Message } from '@chatr/protocol'
import type { TransactionAction } from '@azure/data-tables'
import type { AppendOutcome, NewEntry } from '../../ports.ts'
import { findStanding, type Standing } from './chat-state.ts'
import { contend } from './contend.ts'
import { inParallel } from './in-parallel.ts'
import { keyOf, memberPrefix } from './keys.ts'
import { changeOf, findEntry } from './log.ts'
import type { Storage } from './storage.ts'

type NewMessage = NewEntry & { from: string; text: string }

/** Two rows for each, one for each sender and the head are 100 at most, of 2 MB. */
const batchMax = 30

interface Batch {
  entries: NewMessage[]
  outcomes: Promise<AppendOutcome[]>
}

/** Appends messages; those that come in for a chat while the ones before them are being written share a transaction. */
export function createAppend(storage: Storage): (chatId: string, entry: NewMessage) => Promise<AppendOutcome> {
  const filling = new Map<string, Batch>()
  const open = (chatId: string): Batch => {
    const entries: NewMessage[] = []
    // Not begun at once, so that the first one is inside as well.
    const outcomes = Promise.resolve().then(() =>
      storage.turns(chatId, () => {
        if (filling.get(chatId) === batch) filling.delete(chatId)
        return appendBatch(storage, chatId, entries)
      }),
    )
    const batch = { entries, outcomes }
    filling.set(chatId, batch)
    return batch
  }
  return async (chatId, entry) => {
    const last = filling.get(chatId)
    const batch = last === undefined || last.entries.length === batchMax ? open(chatId) : last
    const index = batch.entries.push(entry) - 1
    const outcome = (await batch.outcomes)[index]
    if (outcome === undefined) throw new Error('a message was left out')
    return outcome
  }
}

/** Entries that have no outcome yet, by their index in the batch. */
type Pending = Map<number, NewMessage>

/** What comes of a batch, entry by entry. */
interface Outcomes {
  all: AppendOutcome[]
  pending: Pending
  settle: (index: number, outcome: AppendOutcome) => void
  /** For what this batch has written itself. */
  settleOwn: (index: number, message: Message) => void
}

function createOutcomes(entries: readonly NewMessage[]): Outcomes {
  const all: AppendOutcome[] = []
  const pending: Pending = new Map(entries.entries())
  const appendedIds = new Set<string>()
  const settle = (index: number, outcome: AppendOutcome) => {
    all[index] = outcome
    pending.delete(index)
  }
  const settleOwn = (index: number, message: Message) => {
    // Of two with one id in the batch the first is the message, the other its repetition.
    const outcome = appendedIds.has(message.id) ? 'repeated' : 'appended'
    appendedIds.add(message.id)
    settle(index, { outcome, rev: message.rev, message })
  }
  return { all, pending, settle, settleOwn }
}

async function appendBatch(storage: Storage, chatId: string, entries: readonly NewMessage[]): Promise<AppendOutcome[]> {
  const attempt = crypto.randomUUID()
  const outcomes = createOutcomes(entries)
  const { pending, settleOwn } = outcomes
  const senders = [...new Set(entries.map(({ from }) => from))]
  let written = new Map<number, Message>()
  let isIdTaken = false

  await contend(async () => {
    const standing = await findStanding(storage, chatId, senders)
    // The attempt before has been made after all: only its answer was lost.
    if (standing?.head.attempt === attempt) for (const [index, message] of written) settleOwn(index, message)
    if (isIdTaken) await settleKnown(storage, { standing, attempt, outcomes })
    settleRefused(standing, outcomes)
    if (standing === undefined || pending.size === 0) return true
    written = number(standing, pending)
    const result = await storage.messages.commit(await rowsOf(standing, [...written.values()], attempt))
    // An id that is twice in the batch comes again, and is then known.
    isIdTaken = result === 'exists' || written.size < pending.size
    if (result !== 'done') return undefined
    for (const [index, message] of written) settleOwn(index, message)
    written.clear()
    return pending.size === 0 ? true : undefined
  })
  return outcomes.all
}

function settleRefused(standing: Standing | undefined, { pending, settle }: Outcomes): void {
  for (const [index, entry] of pending) {
    const refusal = whyNot(standing, entry)
    if (refusal !== undefined) settle(index, refusal)
  }
}

function whyNot(standing: Standing | undefined, { from }: NewMessage): AppendOutcome | undefined {
  if (standing === undefined) return { outcome: 'missing' }
  if (!standing.members.has(from)) return { outcome: 'not-member' }
  return standing.head.history === 'off' ? { outcome: 'off-record' } : undefined
}

interface Known {
  standing: Standing | undefined
  attempt: string
  outcomes: Outcomes
}

/** Answers those whose id is in the log already. */
async function settleKnown(storage: Storage, { standing, attempt, outcomes }: Known): Promise<void> {
  const { pending, settle, settleOwn } = outcomes
  if (standing === undefined) return
  await inParallel([...pending], async ([index, { id, from }]) => {
    const found = await findEntry(storage, standing.head, id)
    if (found === undefined) return
    const { message } = found
    const isHis = message.kind === 'message' && message.from.userId === from
    if (!isHis) settle(index, { outcome: 'conflict' })
    else if (found.attempt === attempt) settleOwn(index, message)
    else settle(index, { outcome: 'repeated', rev: message.rev, message })
  })
}

/** The messages that come next, each id once. */
function number({ head, members }: Standing, pending: Pending): Map<number, Message> {
  const messages = new Map<number, Message>()
  const ids = new Set<string>()
  for (const [index, { id, at, from: userId, text }] of pending) {
    const member = members.get(userId)
    if (ids.has(id) || member === undefined) continue
    ids.add(id)
    const rev = head.rev + ids.size
    const from = { userId, userName: member.userName }
    messages.set(index, { id, pos: rev, rev, kind: 'message', from, text, at })
  }
  return messages
}

/** Touches each sender's row of a member as well: who left meanwhile says nothing more. */
async function rowsOf({ head }: Standing, messages: readonly Message[], attempt: string): Promise<TransactionAction[]> {
  const rev = head.rev + messages.length
  const change = await changeOf(head, { head: { rev, lastPos: rev }, entries: messages, attempt })
  const partitionKey = await keyOf(head.chatId)
  const senders = [...new Set(messages.map(({ from }) => from.userId))]
  const touched = await Promise.all(
    senders.map(async (userId): Promise<TransactionAction> => {
      const rowKey = memberPrefix(head.generation) + (await keyOf(userId))
      return ['update', { partitionKey, rowKey, attempt }, 'Merge', { etag: '*' }]
    }),
  )
  return [...change, ...touched]
}
