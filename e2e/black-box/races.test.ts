import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import type { ChatsResponse, Message, MessagesResponse } from '@chatr/protocol'
import { connect, join, type RawClient, type Session, signIn } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
beforeAll(async () => {
  chatr = await startChatr()
})
afterAll(() => chatr.remove())

const rounds = 60
const burst = 24
const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(Math.random() * items.length)] ?? items[0]

/** Every rev of a chat that this client has heard, in the order in which it came. */
const revsHeard = (client: RawClient, chatId: string): number[] =>
  client.frames
    .map(({ data }) => data as { chatEvent?: string; data?: { chatId?: string; rev?: number } } | undefined)
    .filter((event) => ['message', 'memberChanged'].includes(event?.chatEvent ?? ''))
    .flatMap((event) => (event?.data?.chatId === chatId && event.data.rev !== undefined ? [event.data.rev] : []))

async function logOf(session: Session, chatId: string): Promise<Message[]> {
  const log: Message[] = []
  for (let more = true; more;) {
    const since = log.at(-1)?.rev ?? 0
    const page = (await (
      await session.get(`/api/chats/${chatId}/messages?since=${since}&limit=200`)
    ).json()) as MessagesResponse
    log.push(...page.messages)
    more = page.more
  }
  return log
}

/** What somebody is in the chat for: from the entry with which he joined to the one with which he left, both his too. */
function revsOf(userId: string, log: readonly Message[]): number[] {
  let isInside = false
  const revs: number[] = []
  for (const { kind, from, rev } of log) {
    if (kind === 'joined' && from.userId === userId) isInside = true
    if (isInside) revs.push(rev)
    if (kind === 'left' && from.userId === userId) isInside = false
  }
  return revs
}

const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other)

/** Raises an event and waits for nothing. */
const raise = (client: RawClient, event: string, data: object) =>
  client.send({ type: 'event', event, dataType: 'json', data })

describe('joining, leaving and talking all at once', () => {
  it('lets everybody hear each rev of the time he is inside once, and none of another time', async () => {
    const owner = await join(chatr.url, 'Owner')
    const chatIds = [crypto.randomUUID(), crypto.randomUUID()] as const
    for (const id of chatIds) await owner.ask('createChat', { id, name: id })
    const sessions = await Promise.all(['Ana', 'Ben', 'Eve', 'Max'].map((name) => signIn(chatr.url, name)))
    // Two tabs each, which do not know of each other.
    const tabs = await Promise.all([...sessions, ...sessions].map(connect))
    const actions: readonly [(client: RawClient, chatId: string) => void, ...(typeof say)[]] = [
      say,
      say,
      (client, chatId) => raise(client, 'joinChat', { chatId }),
      (client, chatId) => raise(client, 'leaveChat', { chatId }),
    ]
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < burst; n++) pick(actions)(pick([owner, ...tabs]), pick(chatIds))
      // The owner stays inside, so that his view is the whole log.
      for (const chatId of chatIds) raise(owner, 'joinChat', { chatId })
      await Promise.all([owner, ...tabs].map((tab) => tab.settle()))
    }
    for (const chatId of chatIds) {
      const log = await logOf(owner.session, chatId)
      expect(log.map(({ rev }) => rev)).toEqual(log.map((_, index) => index + 1))
      expect(log.length).toBeGreaterThan(rounds)
      for (const tab of tabs) expect(ascending(revsHeard(tab, chatId))).toEqual(revsOf(tab.userId, log))
    }
    await Promise.all([owner, ...tabs].map((tab) => tab.close()))
  }, 30_000)
})

function say(client: RawClient, chatId: string): void {
  raise(client, 'sendMessage', { chatId, id: crypto.randomUUID(), text: 'hello' })
}

describe('removing a chat and creating it anew, over and over, while others come and go', () => {
  it('leaves everybody with the same list, and only members in the groups', async () => {
    const people = await Promise.all(['Ana', 'Ben', 'Eve', 'Max'].map((name) => join(chatr.url, name)))
    const everyone = [...people, ...(await Promise.all(people.map(({ session }) => connect(session))))]
    const [first, ...others] = everyone
    if (first === undefined) throw new Error('nobody is there')
    const chatIds = [crypto.randomUUID(), crypto.randomUUID()] as const
    const actions: readonly [(client: RawClient, chatId: string) => void, ...(typeof say)[]] = [
      say,
      makeIt,
      makeIt,
      makeIt,
      (client, chatId) => raise(client, 'joinChat', { chatId }),
      (client, chatId) => raise(client, 'leaveChat', { chatId }),
      removeIt,
      removeIt,
      removeIt,
    ]
    for (let round = 0; round < rounds / 2; round++) {
      for (let n = 0; n < burst; n++) pick(actions)(pick([first, ...others]), pick(chatIds))
      await Promise.all(everyone.map((client) => client.settle()))
      const { chats } = (await (await first.session.get('/api/chats')).json()) as ChatsResponse
      for (const client of everyone) {
        for (const chatId of chatIds) {
          expect(believesIn(client, chatId)).toBe(Object.hasOwn(chats, chatId))
          const isMember = Object.hasOwn(chats[chatId]?.members ?? {}, client.userId)
          expect(await mayTalk(client, chatId)).toBe(isMember)
        }
      }
      for (const chatId of chatIds) await expectListeners(everyone, chatId, chats[chatId]?.members ?? {})
    }
    await Promise.all(everyone.map((client) => client.close()))
  }, 30_000)
})

const makeIt = (client: RawClient, id: string) =>
  raise(client, 'createChat', { id, name: 'again', history: pick(['kept', 'off']) })
const removeIt = (client: RawClient, chatId: string) => raise(client, 'deleteChat', { chatId })

/** Whether the last that a client heard of a chat's existence is that it exists. */
function believesIn({ frames }: RawClient, chatId: string): boolean {
  const last = frames.findLast(({ data }) => {
    const event = data as { chatEvent?: string; data?: unknown } | undefined
    if (event?.chatEvent === 'chatDeleted') return event.data === chatId
    return event?.chatEvent === 'chatCreated' && (event.data as { id: string }).id === chatId
  })
  return (last?.data as { chatEvent: string } | undefined)?.chatEvent === 'chatCreated'
}

let lastAckId = 9_000_000
async function mayTalk(client: RawClient, group: string): Promise<boolean> {
  const ackId = ++lastAckId
  client.send({ type: 'sendToGroup', group, ackId, dataType: 'json', data: { message: `${ackId}` } })
  return (await client.frame((frame) => frame.type === 'ack' && frame.ackId === ackId)).success ?? false
}

/** Exactly the members' tabs hear a line. */
async function expectListeners(clients: readonly RawClient[], group: string, members: object): Promise<void> {
  const inside = clients.filter(({ userId }) => Object.hasOwn(members, userId))
  const [speaker] = inside
  if (speaker === undefined) return
  const line = crypto.randomUUID()
  speaker.send({ type: 'sendToGroup', group, dataType: 'json', data: { message: line } })
  await speaker.frame(({ data }) => (data as { message?: string } | undefined)?.message === line)
  await Promise.all(clients.map((client) => client.settle()))
  const hear = clients.filter(({ frames }) =>
    frames.some(({ data }) => (data as { message?: string } | undefined)?.message === line),
  )
  expect(new Set(hear)).toEqual(new Set(inside))
}
