import { describe, expect, it } from 'bun:test'
import { createMemoryServer } from './testing/memory-server.ts'
import { createTestChatr, people, startTestChatr } from './testing/test-chatr.ts'
import { createTestStorage } from './testing/test-page.ts'
import { settle } from './testing/test-time.ts'

const withChat = (kind: 'group' | 'private' = 'group', history: 'kept' | 'off' = 'kept') => {
  const server = createMemoryServer()
  server.addChat({ id: 'c', kind, history, members: people('mia', 'ben') })
  return server
}
const sayMany = (server: ReturnType<typeof createMemoryServer>, count: number) => {
  for (let at = 0; at < count; at++) server.say('c', 'mia', `text ${at}`)
}

describe('the connection', () => {
  it('is connecting until everything is loaded, then online', async () => {
    const { state, start } = createTestChatr({ server: withChat() })
    const started = start()
    expect(state.connection).toBe('connecting')
    await started
    expect({ connection: state.connection, isLoaded: state.isLoaded }).toEqual({ connection: 'online', isLoaded: true })
    expect(state.online.has('ben')).toBe(true)
  })

  it('that is back within a second was never offline', async () => {
    const { state, server, time } = await startTestChatr()
    server.cut()
    await time.advance(900)
    expect({ connection: state.connection, lines: server.lines.size }).toEqual({ connection: 'online', lines: 1 })
  })

  it('comes back by itself after a long outage, with one socket', async () => {
    const { state, server, time } = await startTestChatr()
    server.isUp = false
    server.cut()
    await time.advance(600_000)
    expect(state.connection).toBe('offline')
    server.isUp = true
    await time.advance(10_000)
    expect({ connection: state.connection, lines: server.lines.size }).toEqual({ connection: 'online', lines: 1 })
  })

  it('comes back at once when the browser is online again', async () => {
    const { state, server, time, page } = await startTestChatr()
    server.isUp = false
    server.cut()
    await time.advance(60_000)
    server.isUp = true
    page.emit('online')
    await settle()
    expect(state.connection).toBe('online')
  })

  it('notices within seconds of the page being shown that its socket died in its sleep', async () => {
    const { server, time, page } = await startTestChatr({ server: withChat() })
    server.freeze()
    time.sleep(3_600_000)
    const [dead] = server.lines
    page.emit('visibilitychange')
    await time.advance(5_500)
    expect(dead?.isOpen).toBe(false)
    expect([...server.lines].map(({ isDead }) => isDead)).toEqual([false])
  })

  it('is not made again when the session is over', async () => {
    const { state, server, time } = await startTestChatr()
    server.isSignedIn = false
    server.cut()
    await time.advance(2_000)
    const asked = server.asked.length
    await time.advance(600_000)
    expect({ connection: state.connection, asked: server.asked.length }).toEqual({ connection: 'signed-out', asked })
  })
})

describe('what was missed while away', () => {
  it('is in the log after the reconnect, in order and counted once', async () => {
    const { actions, chat, texts, server, time } = await startTestChatr({ server: withChat() })
    server.say('c', 'mia', 'before')
    actions.openChat('c')
    await settle()
    server.isUp = false
    server.cut()
    server.say('c', 'mia', 'missed')
    server.isUp = true
    await time.advance(2_000)
    server.say('c', 'mia', 'after')
    await settle()
    expect({ texts: texts('c'), unread: chat('c').unread, rev: chat('c').rev }).toEqual({
      texts: ['before', 'missed', 'after'],
      unread: 3,
      rev: 3,
    })
  })

  it('beyond 500 messages begins the log anew', async () => {
    const { actions, chat, texts, server, time } = await startTestChatr({ server: withChat() })
    actions.openChat('c')
    await settle()
    server.cut()
    sayMany(server, 600)
    await time.advance(2_000)
    expect({ first: texts('c')[0], count: texts('c').length, unread: chat('c').unread }).toEqual({
      first: 'text 550',
      count: 50,
      unread: 600,
    })
    expect(chat('c').log.hasOlder).toBe(true)
  })

  it('on a standing connection is found by the gap', async () => {
    const { actions, chat, texts, server } = await startTestChatr({ server: withChat() })
    actions.openChat('c')
    await settle()
    server.losesEvents = true
    sayMany(server, 3)
    server.losesEvents = false
    server.say('c', 'mia', 'heard')
    await settle()
    expect({ texts: texts('c'), unread: chat('c').unread }).toEqual({
      texts: ['text 0', 'text 1', 'text 2', 'heard'],
      unread: 4,
    })
  })

  it('closes the chats that are gone', async () => {
    const { actions, state, server, time } = await startTestChatr({ server: withChat() })
    actions.openChat('c')
    server.cut()
    server.chats.clear()
    await time.advance(2_000)
    expect({ open: state.openChatId, texts: state.popUps.map(({ text }) => text) }).toEqual({
      open: undefined,
      texts: ['c was removed'],
    })
  })
})

describe('the log', () => {
  it('opens at the newest page and loads older ones', async () => {
    const server = withChat()
    sayMany(server, 300)
    const { actions, texts, chat } = await startTestChatr({ server })
    actions.openChat('c')
    await settle()
    expect([texts('c').length, texts('c')[0]]).toEqual([50, 'text 250'])
    await Promise.all([actions.loadOlder('c'), actions.loadOlder('c')])
    expect([texts('c').length, texts('c')[0]]).toEqual([250, 'text 50'])
    await actions.loadOlder('c')
    expect({ count: texts('c').length, hasOlder: chat('c').log.hasOlder }).toEqual({ count: 300, hasOlder: false })
  })

  it('jumps into the past and comes back to the newest', async () => {
    const server = withChat()
    sayMany(server, 300)
    const { actions, texts, chat } = await startTestChatr({ server })
    actions.openChat('c')
    await settle()
    await actions.jumpTo('c', 100)
    server.say('c', 'mia', 'live')
    await settle()
    expect({ has: texts('c').includes('text 99'), live: texts('c').includes('live') }).toEqual({
      has: true,
      live: false,
    })
    while (chat('c').log.hasNewer) await actions.loadNewer('c')
    expect(texts('c').at(-1)).toBe('live')
    expect(new Set(texts('c')).size).toBe(texts('c').length)
  })

  it('says that it failed and can be asked again', async () => {
    const server = withChat()
    sayMany(server, 2)
    const { actions, chat, texts } = await startTestChatr({ server })
    server.isUp = false
    actions.openChat('c')
    await settle()
    expect(chat('c').log.status).toBe('failed')
    server.isUp = true
    await actions.jumpToNewest('c')
    expect(texts('c')).toEqual(['text 0', 'text 1'])
  })

  it('draws the new line where I had stopped reading', async () => {
    const server = withChat()
    sayMany(server, 3)
    server.chats.get('c')?.readPos.set('ben', 1)
    const { actions, chat } = await startTestChatr({ server })
    actions.openChat('c')
    expect({ unread: chat('c').unread, line: chat('c').newLineAfter }).toEqual({ unread: 2, line: 1 })
    actions.markRead('c', 3)
    expect({ unread: chat('c').unread, line: chat('c').newLineAfter }).toEqual({ unread: 0, line: 1 })
    actions.openChat(undefined)
    expect(chat('c').newLineAfter).toBeUndefined()
  })
})

describe('read positions', () => {
  it('are told once for several moves, and to my other devices', async () => {
    const server = withChat()
    sayMany(server, 3)
    const here = await startTestChatr({ server })
    const there = await startTestChatr({ server })
    for (const pos of [1, 3, 2]) here.actions.markRead('c', pos)
    await here.time.advance(300)
    expect(server.heard.map(({ data }) => data)).toEqual([{ chatId: 'c', pos: 3 }])
    expect({ unread: there.chat('c').unread, readPos: there.chat('c').readPos }).toEqual({ unread: 0, readPos: 3 })
  })

  it('do not move while nobody looks', async () => {
    const server = withChat()
    sayMany(server, 1)
    const { actions, chat, page } = await startTestChatr({ server })
    page.watched = false
    actions.markRead('c', 1)
    expect(chat('c').unread).toBe(1)
  })
})

describe('a private chat', () => {
  it('that somebody begins is announced and opens nothing', async () => {
    const server = createMemoryServer()
    const { state, notes, page } = await startTestChatr({ server })
    const mia = await startTestChatr({ server, userId: 'mia' })
    page.hidden = true
    await mia.actions.createPrivateChat('ben', 'off')
    await settle()
    expect(state.popUps.map(({ title, text }) => `${title} ${text}`)).toEqual(['mia wants to chat, off the record'])
    expect({ open: state.openChatId, notes: notes.length }).toEqual({ open: undefined, notes: 1 })
    expect(mia.state.popUps).toEqual([])
    notes[0]?.onClick()
    expect({ open: state.openChatId, popUps: state.popUps }).toEqual({ open: 'private.off', popUps: [] })
  })

  it('that is not open calls with one pop-up, however much is said', async () => {
    const { state, server, page, time } = await startTestChatr({ server: withChat('private') })
    sayMany(server, 3)
    await settle()
    expect(state.popUps.map(({ text }) => text)).toEqual(['text 2'])
    expect(page.title).toBe('(3) Chatr')
    await time.advance(6_000)
    expect(state.popUps).toEqual([])
  })

  it('that I am looking at does not call', async () => {
    const { state, server, actions } = await startTestChatr({ server: withChat('private') })
    actions.openChat('c')
    sayMany(server, 1)
    await settle()
    expect(state.popUps).toEqual([])
  })

  it('a held pop-up stays', async () => {
    const { state, server, actions, time } = await startTestChatr({ server: withChat('private') })
    sayMany(server, 1)
    await settle()
    actions.holdPopUp?.('private/c', true)
    await time.advance(60_000)
    expect(state.popUps).toHaveLength(1)
    actions.holdPopUp?.('private/c', false)
    await time.advance(6_000)
    expect(state.popUps).toHaveLength(0)
  })
})

describe('typing', () => {
  it('is signalled at most every three seconds and believed for five', async () => {
    const server = withChat()
    const ben = await startTestChatr({ server })
    const mia = await startTestChatr({ server, userId: 'mia' })
    for (let key = 0; key < 5; key++) mia.actions.signalTyping('c')
    await settle()
    expect([...ben.chat('c').typing.keys()]).toEqual(['mia'])
    await ben.time.advance(5_000)
    expect(ben.chat('c').typing.size).toBe(0)
  })
})

describe('drafts and signing out', () => {
  it('a draft is there again after a reload', async () => {
    const [server, storage] = [withChat(), createTestStorage()]
    const before = await startTestChatr({ server, storage })
    before.actions.setDraft('c', 'half a sen')
    before.stop()
    const after = await startTestChatr({ server, storage })
    expect(after.chat('c').draft).toBe('half a sen')
  })

  it('signing out leaves nothing behind and ends the connection', async () => {
    const chatr = await startTestChatr({ server: withChat() })
    chatr.actions.setDraft('c', 'secret')
    chatr.actions.signOut()
    await settle()
    expect({
      stored: chatr.storage.length,
      lines: chatr.server.lines.size,
      connection: chatr.state.connection,
      wentTo: chatr.page.wentTo,
      told: chatr.signedOutTabs,
    }).toEqual({ stored: 0, lines: 0, connection: 'signed-out', wentTo: ['/.auth/logout'], told: ['ben'] })
  })
})
