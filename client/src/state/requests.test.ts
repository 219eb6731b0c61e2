import { describe, expect, it } from 'bun:test'
import { createMemoryServer } from './testing/memory-server.ts'
import { people, startTestChatr } from './testing/test-chatr.ts'
import { settle } from './testing/test-time.ts'

const withChat = (...members: string[]) => {
  const server = createMemoryServer()
  server.addChat({ id: 'c', members: people(...members) })
  return server
}

describe('a request', () => {
  it('creates a chat and resolves once it is there', async () => {
    const { actions, chat, state } = await startTestChatr()
    const outcome = await actions.createChat({ name: '  Tea  time ', history: 'kept' })
    expect(outcome.ok && chat(outcome.value).name).toBe('Tea time')
    expect(state.chats.size).toBe(1)
  })

  it('with a blank name is refused without asking', async () => {
    const { actions, server } = await startTestChatr()
    expect(await actions.createChat({ name: ' ', history: 'kept' })).toMatchObject({ ok: false, code: 'BadRequest' })
    expect(server.heard).toEqual([])
  })

  it('that the server refuses says why, and changes nothing', async () => {
    const { actions, server, chat } = await startTestChatr({ server: withChat('mia', 'ben') })
    expect(await actions.removeChat('c')).toMatchObject({ ok: false, code: 'Forbidden' })
    expect({ name: chat('c').name, there: server.chats.has('c') }).toEqual({ name: 'c', there: true })
  })

  it('without a connection is not queued', async () => {
    const { actions, server, time } = await startTestChatr({ server: withChat('ben') })
    server.isUp = false
    server.cut()
    expect(await actions.leaveChat('c')).toMatchObject({ ok: false, code: 'Offline' })
    server.isUp = true
    await time.advance(20_000)
    expect(server.heard).toEqual([])
  })

  it('whose answer is lost with the connection says that it was interrupted', async () => {
    const { actions, server } = await startTestChatr({ server: withChat('ben') })
    server.swallowsAnswers = true
    const outcome = actions.leaveChat('c')
    server.cut()
    expect(await outcome).toMatchObject({ ok: false, code: 'Offline' })
  })

  it('to join loads what was not visible before', async () => {
    const server = withChat('mia')
    server.say('c', 'mia', 'hello')
    const { actions, chat, texts, state } = await startTestChatr({ server })
    actions.openChat('c')
    expect(await actions.joinChat('c')).toEqual({ ok: true, value: undefined })
    await settle()
    expect({ texts: texts('c'), members: Object.keys(chat('c').members) }).toEqual({
      texts: ['hello', ''],
      members: ['mia', 'ben'],
    })
    expect(state.chats.get('c')?.log.status).toBe('loaded')
  })

  it('for a private chat resolves with its id, a second time as well', async () => {
    const { actions, server } = await startTestChatr()
    const first = await actions.createPrivateChat('mia', 'kept')
    const second = await actions.createPrivateChat('mia', 'kept')
    expect(first).toEqual({ ok: true, value: 'private.kept' })
    expect(second).toEqual(first)
    expect(server.chats.size).toBe(1)
  })

  it('finds what it did although the events were lost', async () => {
    const { actions, server, time, state } = await startTestChatr()
    server.losesEvents = true
    const outcome = actions.createChat({ name: 'Quiet', history: 'kept' })
    await time.advance(10_000)
    expect((await outcome).ok).toBe(true)
    expect([...state.chats.values()].map(({ name }) => name)).toEqual(['Quiet'])
  })
})

describe('removing a chat', () => {
  it('says so to the others, and not to who did it', async () => {
    const server = withChat('ben', 'mia')
    const ben = await startTestChatr({ server })
    const mia = await startTestChatr({ server, userId: 'mia' })
    mia.actions.openChat('c')
    await ben.actions.removeChat('c')
    await settle()
    expect(ben.state.popUps).toEqual([])
    expect(mia.state.popUps.map(({ kind, text }) => ({ kind, text }))).toEqual([
      { kind: 'removed', text: 'c was removed' },
    ])
    expect(mia.state.openChatId).toBeUndefined()
  })
})
