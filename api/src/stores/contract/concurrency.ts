import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import type { ChatStore, MessagePage } from '../../ports.ts'
import { entry, groupChat, logOf, member, said, type StoreUnderTest, upTo } from './store-under-test.ts'

const people = ['ana', 'ben', 'eve', 'joe'] as const
const person = fc.constantFrom(...people)
const chat = fc.constantFrom('x', 'y')
/** Few ids, so that some come again. */
const messageId = fc.integer({ min: 1, max: 30 }).map((n) => `m${n}`)

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), chat, person, messageId }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), chat, person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), chat, person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), chat, person, pos: fc.nat(20) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never

export function testConcurrency(under: StoreUnderTest): void {
  let run = 0
  /** Chats of their own for each run: one store serves them all. */
  const inRun = (id: string) => `${id}-${run}`

  const apply = (store: ChatStore, op: Operation): Promise<unknown> => {
    const chatId = inRun(op.chat)
    if (op.do === 'append') return store.appendMessage(chatId, { ...said(op.person), id: op.messageId })
    if (op.do === 'join') return store.addMember(chatId, member(op.person), entry())
    if (op.do === 'leave') return store.removeMember(chatId, op.person, entry())
    return store.moveRead(chatId, op.person, op.pos)
  }

  const createBoth = async (store: ChatStore) => {
    run++
    for (const id of ['x', 'y']) await store.createChat(groupChat(inRun(id)))
  }

  describe('under random concurrent operations', () => {
    it('has no gap and no twin in rev, each id once, and each notice where it belongs', async () => {
      const { store } = under
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (operations) => {
          await createBoth(store)
          const outcomes = await Promise.all(operations.map((op) => apply(store, op)))
          for (const id of ['x', 'y']) {
            const log = await logOf(store, inRun(id))
            expect(log.map(({ pos }) => pos)).toEqual(upTo((await store.findChat(inRun(id)))?.rev ?? 0))
            expect(new Set(log.map((message) => message.id)).size).toBe(log.length)
            const changes = operations.filter((op, index) => op.chat === id && isChange(outcomes[index]))
            expect(log).toHaveLength(1 + changes.length)
          }
        }),
        { numRuns: 25 },
      )
    })

    it('counts unread messages and members as a model that replays the log does', async () => {
      const { store } = under
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (operations) => {
          await createBoth(store)
          await Promise.all(operations.map((op) => apply(store, op)))
          for (const id of ['x', 'y']) await expectModel(store, inRun(id))
        }),
        { numRuns: 25 },
      )
    })

    it('lets a reader that asks `since` over and over catch up with exactly the log', async () => {
      const { store } = under
      await fc.assert(
        fc.asyncProperty(
          fc.array(operation, { minLength: 1, maxLength: 60 }),
          fc.integer({ min: 1, max: 7 }),
          async (operations, limit) => {
            await createBoth(store)
            const chatId = inRun('x')
            const working = Promise.all(operations.map((op) => apply(store, op)))
            const during = await catchUp(store, { chatId, rev: 0, limit })
            await working
            const after = await catchUp(store, { chatId, rev: during.rev, limit })
            expect([...during.messages, ...after.messages]).toEqual(await logOf(store, chatId))
            expect(after.rev).toBe((await store.findChat(chatId))?.rev ?? 0)
          },
        ),
        { numRuns: 25 },
      )
    })

    it('removes a chat wholly while it is being written to', async () => {
      const { store } = under
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 40 }), fc.nat(), async (operations, at) => {
          await createBoth(store)
          const work = operations.map((op) => () => apply(store, op))
          work.splice(at % work.length, 0, () => store.deleteChat(inRun('x'), 'ana'))
          await Promise.all(work.map((start) => start()))
          expect(await store.findChat(inRun('x'))).toBeUndefined()
          expect(await store.readMessages(inRun('x'), { from: 'newest', limit: 10 })).toBeUndefined()
          for (const userId of people) expect(await store.chatIdsOf(userId)).not.toContain(inRun('x'))
          await expectModel(store, inRun('y'))
          await store.createChat(groupChat(inRun('x')))
          expect(await logOf(store, inRun('x'))).toHaveLength(1)
        }),
        { numRuns: 15 },
      )
    })
  })
}

const isChange = (outcome: unknown) =>
  typeof outcome === 'object' &&
  outcome !== null &&
  'outcome' in outcome &&
  ['appended', 'added', 'removed'].includes(String(outcome.outcome))

async function expectModel(store: ChatStore, chatId: string): Promise<void> {
  const log = await logOf(store, chatId)
  const inside = new Set<string>()
  for (const { kind, from } of log) {
    if (kind === 'left') inside.delete(from.userId)
    else if (kind !== 'message') inside.add(from.userId)
    else expect(inside).toContain(from.userId)
  }
  expect(new Set(Object.keys((await store.findChat(chatId))?.members ?? {}))).toEqual(inside)
  for (const userId of people) {
    const listing = await store.findListing(chatId, userId)
    const readPos = listing?.readPos
    expect(readPos !== undefined).toBe(inside.has(userId))
    if (readPos === undefined) continue
    const unread = log.filter(({ kind, pos, from }) => kind === 'message' && pos > readPos && from.userId !== userId)
    expect(listing?.unread).toBe(unread.length)
  }
}

async function catchUp(store: ChatStore, { chatId, rev, limit }: { chatId: string; rev: number; limit: number }) {
  const messages: MessagePage['messages'] = []
  let known = rev
  for (;;) {
    const page = await store.readMessages(chatId, { from: 'since', rev: known, limit })
    if (page === undefined) throw new Error('the chat is gone')
    messages.push(...page.messages)
    known = page.more ? (page.messages.at(-1)?.rev ?? known) : page.rev
    if (!page.more) return { messages, rev: known }
  }
}
