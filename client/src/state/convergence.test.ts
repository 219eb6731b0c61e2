import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { createMemoryServer } from './testing/memory-server.ts'
import { people, startTestChatr } from './testing/test-chatr.ts'
import { settle } from './testing/test-time.ts'
import { unreadOf } from './testing/world.ts'

type TestChatr = Awaited<ReturnType<typeof startTestChatr>>

/** What may happen to somebody who has a chat open. */
const steps: Record<string, (chatr: TestChatr) => unknown> = {
  somebodySpeaks: ({ server }) => server.say('c', 'mia', 'theirs'),
  iSpeak: ({ actions }) => actions.send('c', 'mine'),
  eventsAreLost: ({ server }) => (server.losesEvents = true),
  eventsArriveAgain: ({ server }) => (server.losesEvents = false),
  answersAreLost: ({ server }) => (server.swallowsAnswers = true),
  socketBreaks: ({ server }) => {
    server.swallowsAnswers = false
    server.cut()
  },
  socketDies: ({ server }) => server.freeze(),
  serverGoes: ({ server }) => (server.isUp = false),
  serverComes: ({ server }) => (server.isUp = true),
  iCloseTheChat: ({ actions }) => actions.openChat(undefined),
  iOpenTheChat: ({ actions }) => actions.openChat('c'),
  iScrollUp: ({ actions }) => void actions.loadOlder('c'),
  iRead: ({ actions, chat }) => actions.markRead('c', chat('c').rev),
  timePasses: ({ time }) => time.advance(3_000),
  breath: () => settle(),
}

/** The world is well again, and one more message shows whatever gap there is. */
async function recover(chatr: TestChatr): Promise<void> {
  const { server, actions, time } = chatr
  Object.assign(server, { losesEvents: false, swallowsAnswers: false, isUp: true })
  actions.openChat('c')
  await time.advance(40_000)
  // What could not be loaded says so, and waits for the user to try again.
  if (chatr.chat('c').log.status === 'failed') await actions.jumpToNewest('c')
  server.say('c', 'mia', 'last')
  await time.advance(5_000)
}

describe('whatever happens to the connection', () => {
  it('the log ends as the server has it, each message once, and the unread are counted right', async () => {
    const step = fc.constantFrom(...Object.keys(steps))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (taken) => {
        const server = createMemoryServer()
        server.addChat({ id: 'c', members: people('mia', 'ben') })
        const chatr = await startTestChatr({ server })
        for (const name of taken) await steps[name]?.(chatr)
        await recover(chatr)
        const stored = server.chats.get('c')
        const { log, pending, unread, rev } = chatr.chat('c')
        const sent = taken.filter((name) => name === 'iSpeak').length
        expect(log.entries.map(({ id }) => id)).toEqual(
          stored?.log.map(({ id }) => id).slice(-log.entries.length) ?? [],
        )
        expect(log.hasOlder || log.entries.length === stored?.log.length).toBe(true)
        expect(stored?.log.filter(({ text }) => text === 'mine')).toHaveLength(sent)
        expect({ pending, rev }).toEqual({ pending: [], rev: stored?.chat.rev ?? 0 })
        expect(unread).toBe(stored ? unreadOf(stored, 'ben') : -1)
        chatr.stop()
      }),
      { numRuns: 25 },
    )
  }, 60_000)
})
