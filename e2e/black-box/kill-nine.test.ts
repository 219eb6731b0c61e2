import { afterAll, describe, expect, it } from 'bun:test'
import type { MessagesResponse } from '@chatr/protocol'
import { connect, join, type RawClient } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'
import { until } from '../support/until.ts'

const rounds = 6
const senders = 8
const inFlight = 16

let chatr: RunningChatr | undefined
afterAll(() => chatr?.remove())

/** Sends without pause until the connection is gone; resolves with the ids that were acknowledged. */
async function sendUntilCut(client: RawClient, chatId: string): Promise<{ acknowledged: string[]; sent: Set<string> }> {
  const sent = new Set<string>()
  const idOf = new Map<number, string>()
  let next = 1_000_000
  const sendOne = () => {
    const id = crypto.randomUUID()
    idOf.set(++next, id)
    sent.add(id)
    client.send({
      type: 'event',
      event: 'sendMessage',
      ackId: next,
      dataType: 'json',
      data: { chatId, id, text: `line ${next}` },
    })
  }
  for (let started = 0; started < inFlight; started++) sendOne()
  let seen = 0
  const acknowledged: string[] = []
  const drain = () => {
    for (; seen < client.frames.length; seen++) {
      const frame = client.frames[seen]
      const id = frame?.type === 'ack' && frame.success ? idOf.get(frame.ackId ?? 0) : undefined
      if (!id) continue
      acknowledged.push(id)
      if (client.isOpen()) sendOne()
    }
  }
  await until(
    () => {
      drain()
      return !client.isOpen()
    },
    () => 'the connection to be cut',
  )
  drain()
  return { acknowledged, sent }
}

async function wholeLog(client: RawClient, chatId: string): Promise<MessagesResponse['messages']> {
  const messages: MessagesResponse['messages'] = []
  for (let since = 0, more = true; more;) {
    const answer = await client.session.get(`/api/chats/${chatId}/messages?since=${since}&limit=200`)
    const page = (await answer.json()) as MessagesResponse
    messages.push(...page.messages)
    since = page.messages.at(-1)?.rev ?? since
    more = page.more
  }
  return messages
}

describe('kill -9 under load', () => {
  it('loses no acknowledged message, stores none twice and leaves no gap, again and again', async () => {
    const running = (chatr = await startChatr())
    const chatId = crypto.randomUUID()
    const first = await join(running.url, 'Ana')
    await first.ask('createChat', { id: chatId, name: 'Under fire' })
    const sessions = [first.session]
    for (let n = 1; n < senders; n++) {
      const client = await join(running.url, `Sender ${n}`)
      await client.ask('joinChat', chatId)
      sessions.push(client.session)
      await client.close()
    }
    await first.close()

    const acknowledged = new Set<string>()
    const sent = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const clients = await Promise.all(sessions.map(connect))
      const working = clients.map((client) => sendUntilCut(client, chatId))
      const enough = 40 + Math.floor(Math.random() * 400)
      const acks = () =>
        clients.reduce((sum, { frames }) => sum + frames.filter(({ type }) => type === 'ack').length, 0)
      await until(
        () => acks() >= enough,
        () => `${enough} acknowledgements`,
      )
      await running.stop('SIGKILL')
      for (const result of await Promise.all(working)) {
        for (const id of result.acknowledged) acknowledged.add(id)
        for (const id of result.sent) sent.add(id)
      }
      await running.startAgain()
    }

    const reader = await connect(first.session)
    const log = await wholeLog(reader, chatId)
    const stored = log.filter(({ kind }) => kind === 'message').map(({ id }) => id)
    expect([...acknowledged].filter((id) => !stored.includes(id))).toEqual([])
    expect(new Set(stored).size).toBe(stored.length)
    expect(stored.every((id) => sent.has(id))).toBe(true)
    expect(log.map(({ pos }) => pos)).toEqual(log.map((_, index) => index + 1))
    expect(acknowledged.size).toBeGreaterThan(rounds * 40)
  }, 120_000)
})
