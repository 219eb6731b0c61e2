import { describe, expect, it } from 'bun:test'
import { createMemoryServer } from './testing/memory-server.ts'
import { people, startTestChatr } from './testing/test-chatr.ts'
import { createTestStorage } from './testing/test-page.ts'
import { settle } from './testing/test-time.ts'

const withChat = (history: 'kept' | 'off' = 'kept') => {
  const server = createMemoryServer()
  server.addChat({ id: 'c', history, members: people('ben', 'mia') })
  return server
}
const storedTexts = (server: ReturnType<typeof createMemoryServer>) =>
  server.chats.get('c')?.log.map(({ text }) => text) ?? []

describe('a message', () => {
  it('is pending until the server has it, and then in the log', async () => {
    const { actions, chat, texts, server } = await startTestChatr({ server: withChat() })
    actions.openChat('c')
    await settle()
    actions.send('c', 'hello')
    expect(chat('c').pending.map(({ text, status }) => ({ text, status }))).toEqual([
      { text: 'hello', status: 'sending' },
    ])
    await settle()
    expect({ pending: chat('c').pending, texts: texts('c') }).toEqual({ pending: [], texts: ['hello'] })
    expect(storedTexts(server)).toEqual(['hello'])
  })

  it('is not taken when it is blank or too long', async () => {
    const { actions, chat } = await startTestChatr({ server: withChat() })
    actions.send('c', ' \n ')
    actions.send('c', 'x'.repeat(10_001))
    expect(chat('c').pending).toEqual([])
  })

  it('keeps its place among others sent at once', async () => {
    const { actions, server } = await startTestChatr({ server: withChat() })
    for (const text of ['a', 'b', 'c', 'd']) actions.send('c', text)
    await settle()
    expect(storedTexts(server)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('waits while offline and goes out once, in order, when the connection is back', async () => {
    const { actions, chat, server, time } = await startTestChatr({ server: withChat() })
    server.isUp = false
    server.cut()
    actions.send('c', 'one')
    actions.send('c', 'two')
    await time.advance(30_000)
    expect(chat('c').pending.map(({ status }) => status)).toEqual(['waiting', 'waiting'])
    server.isUp = true
    await time.advance(15_000)
    expect({ pending: chat('c').pending, stored: storedTexts(server) }).toEqual({ pending: [], stored: ['one', 'two'] })
  })

  it('whose ack was lost is sent again with the same id and stored once', async () => {
    const { actions, chat, server, time } = await startTestChatr({ server: withChat() })
    server.swallowsAnswers = true
    actions.send('c', 'once')
    await settle()
    server.cut()
    expect(chat('c').pending.map(({ status }) => status)).toEqual(['waiting'])
    server.swallowsAnswers = false
    await time.advance(15_000)
    expect(server.heard.filter(({ event }) => event === 'sendMessage')).toHaveLength(2)
    expect({ pending: chat('c').pending, stored: storedTexts(server) }).toEqual({ pending: [], stored: ['once'] })
  })

  it('that is acked but never told is found by asking since', async () => {
    const { actions, chat, texts, server, time } = await startTestChatr({ server: withChat() })
    actions.openChat('c')
    await settle()
    server.losesEvents = true
    actions.send('c', 'quiet')
    await settle()
    expect(chat('c').pending.map(({ status }) => status)).toEqual(['sending'])
    await time.advance(2_000)
    expect({ pending: chat('c').pending, texts: texts('c') }).toEqual({ pending: [], texts: ['quiet'] })
  })

  it('that is refused says why and can be sent again', async () => {
    const { actions, chat, server } = await startTestChatr({ server: withChat() })
    server.refuses = 'Unavailable'
    actions.send('c', 'try')
    await settle()
    const [failed] = chat('c').pending
    expect({ status: failed?.status, failure: failed?.failure }).toEqual({ status: 'failed', failure: 'Unavailable' })
    server.refuses = undefined
    actions.sendAgain('c', failed?.id ?? '')
    await settle()
    expect({ pending: chat('c').pending, stored: storedTexts(server) }).toEqual({ pending: [], stored: ['try'] })
  })

  it('that failed can be discarded', async () => {
    const { actions, chat, server, storage } = await startTestChatr({ server: withChat() })
    server.refuses = 'Forbidden'
    actions.send('c', 'no')
    await settle()
    actions.discard('c', chat('c').pending[0]?.id ?? '')
    expect({ pending: chat('c').pending, stored: storage.length }).toEqual({ pending: [], stored: 0 })
  })
})

describe('a reload', () => {
  it('brings back what was waiting and sends it once', async () => {
    const [server, storage] = [withChat(), createTestStorage()]
    const before = await startTestChatr({ server, storage })
    server.isUp = false
    server.cut()
    before.actions.send('c', 'later')
    before.stop()
    server.isUp = true
    const after = await startTestChatr({ server, storage })
    expect({ pending: after.chat('c').pending, stored: storedTexts(server) }).toEqual({
      pending: [],
      stored: ['later'],
    })
    expect(storage.length).toBe(0)
  })

  it('in two tabs at once stores the message once', async () => {
    const [server, storage] = [withChat(), createTestStorage()]
    const before = await startTestChatr({ server, storage })
    server.isUp = false
    server.cut()
    before.actions.send('c', 'shared')
    before.stop()
    server.isUp = true
    const tabs = await Promise.all([startTestChatr({ server, storage }), startTestChatr({ server, storage })])
    await settle()
    expect(storedTexts(server)).toEqual(['shared'])
    expect(tabs.map(({ chat }) => chat('c').pending)).toEqual([[], []])
  })

  it('shows a failed message as failed still', async () => {
    const [server, storage] = [withChat(), createTestStorage()]
    const before = await startTestChatr({ server, storage })
    server.refuses = 'Forbidden'
    before.actions.send('c', 'no')
    await settle()
    before.stop()
    const after = await startTestChatr({ server, storage })
    expect(after.chat('c').pending.map(({ status, failure }) => [status, failure])).toEqual([['failed', 'Forbidden']])
  })

  it('ignores a storage that holds nonsense', async () => {
    const [server, storage] = [withChat(), createTestStorage()]
    storage.setItem(
      'chatr/ben/outbox',
      '[{"chatId":"c","id":1},{"chatId":"c","id":"x","text":"ok","at":"2026-11-22T08:00:00Z"},3',
    )
    const torn = await startTestChatr({ server, storage })
    expect(torn.chat('c').pending).toEqual([])
    torn.stop()
    storage.setItem(
      'chatr/ben/outbox',
      '[{"chatId":"c","id":1},{"chatId":"c","id":"x","text":"ok","at":"2026-11-22T08:00:00Z"},3]',
    )
    await startTestChatr({ server, storage })
    expect(storedTexts(server)).toEqual(['ok'])
  })
})

describe('off the record', () => {
  it('a line goes from browser to browser and into no storage', async () => {
    const [server, storage] = [withChat('off'), createTestStorage()]
    const ben = await startTestChatr({ server, storage })
    const mia = await startTestChatr({ server, userId: 'mia' })
    server.isUp = false
    server.cut()
    ben.actions.send('c', 'psst')
    ben.actions.setDraft('c', 'more')
    expect(storage.length).toBe(0)
    server.isUp = true
    await Promise.all([ben.time.advance(15_000), mia.time.advance(15_000)])
    ben.actions.send('c', 'again')
    await settle()
    for (const { chat } of [ben, mia]) {
      expect(
        chat('c')
          .relayed.map(({ from, text }) => [from.userId, text])
          .at(-1),
      ).toEqual(['ben', 'again'])
    }
    expect({ log: storedTexts(server), stored: storage.length, pending: ben.chat('c').pending }).toEqual({
      log: [],
      stored: 0,
      pending: [],
    })
  })
})
