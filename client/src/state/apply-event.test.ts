import { describe, expect, it } from 'bun:test'
import type { Message, ServerEvent } from '@chatr/protocol'
import * as fc from 'fast-check'
import { applyEntries } from './apply-entry.ts'
import { applyEvent } from './apply-event.ts'
import { applyRelay } from './apply-relay.ts'
import { newChatState } from './chat-state.ts'
import { people } from './testing/test-chatr.ts'
import type { AppState, ChatState } from './types.ts'

const watched = { now: 1_000, isWatched: true }
const away = { now: 1_000, isWatched: false }
const at = '2026-11-22T08:00:00.000Z'

const message = (pos: number, from = 'mia'): Message => ({
  id: `m${pos}`,
  pos,
  rev: pos,
  kind: 'message',
  from: { userId: from, userName: from },
  text: `text ${pos}`,
  at,
})

const messageEvent = (entry: Message, rev = entry.rev): ServerEvent => ({
  chatEvent: 'message',
  data: { chatId: 'c', rev, message: entry },
})

function stateWithChat(chat: Partial<ChatState> = {}): { state: AppState; chat: ChatState } {
  const listing = {
    id: 'c',
    name: 'C',
    kind: 'group',
    history: 'kept',
    owner: 'ben',
    members: people('ben', 'mia'),
    rev: 0,
    createdAt: at,
  } as const
  const made = { ...newChatState(listing), ...chat }
  made.log.status = 'loaded'
  const me = { userId: 'ben', userName: 'ben', userProvider: 'guest', idle: false }
  const state: AppState = {
    me,
    connection: 'online',
    isLoaded: true,
    chats: new Map([['c', made]]),
    online: new Map(),
    openChatId: undefined,
    popUps: [],
  }
  return { state, chat: made }
}

const positions = (chat: ChatState) => chat.log.entries.map(({ pos }) => pos)

describe('a message event', () => {
  it('with the next rev is appended and counted', () => {
    const { state, chat } = stateWithChat()
    const effects = applyEvent(state, messageEvent(message(1)), watched)
    expect(effects).toEqual([{ kind: 'said', chatId: 'c', userId: 'mia', userName: 'mia', text: 'text 1' }])
    expect({ rev: chat.rev, unread: chat.unread, last: chat.last?.id }).toEqual({ rev: 1, unread: 1, last: 'm1' })
    expect(positions(chat)).toEqual([1])
  })

  it('that comes twice is counted once', () => {
    const { state, chat } = stateWithChat()
    applyEvent(state, messageEvent(message(1)), watched)
    expect(applyEvent(state, messageEvent(message(1)), watched)).toEqual([])
    expect({ unread: chat.unread, entries: positions(chat) }).toEqual({ unread: 1, entries: [1] })
  })

  it('after a gap changes nothing and is handed back', () => {
    const { state, chat } = stateWithChat()
    const event = messageEvent(message(3))
    expect(applyEvent(state, event, watched)).toEqual([{ kind: 'gap', chatId: 'c', event }])
    expect({ rev: chat.rev, entries: positions(chat) }).toEqual({ rev: 0, entries: [] })
  })

  it('about an older message does not hide the newer one that its rev belongs to', () => {
    const { state, chat } = stateWithChat({ rev: 4 })
    expect(applyEvent(state, messageEvent(message(2), 5), watched)[0]?.kind).toBe('gap')
    expect(chat.rev).toBe(4)
  })

  it('for a chat I am not in is not mine to see', () => {
    const { state, chat } = stateWithChat({ members: people('mia') })
    expect(applyEvent(state, messageEvent(message(1)), watched)).toEqual([])
    expect(chat.rev).toBe(0)
  })

  it('for an unknown chat asks for the list', () => {
    const { state } = stateWithChat()
    state.chats.clear()
    expect(applyEvent(state, messageEvent(message(1)), watched)).toEqual([{ kind: 'stale' }])
  })

  it('of my own confirms what is pending and is not unread', () => {
    const pending = [{ id: 'm1', text: 'text 1', at, status: 'sending' as const }]
    const { state, chat } = stateWithChat({ pending })
    const effects = applyEvent(state, messageEvent(message(1, 'ben')), watched)
    expect(effects).toEqual([{ kind: 'confirmed', chatId: 'c', messageId: 'm1' }])
    expect({ pending: chat.pending, unread: chat.unread }).toEqual({ pending: [], unread: 0 })
  })

  it('of somebody else with the id of my pending one confirms nothing', () => {
    const pending = [{ id: 'm1', text: 'mine', at, status: 'sending' as const }]
    const { state, chat } = stateWithChat({ pending })
    applyEvent(state, messageEvent(message(1)), watched)
    expect(chat.pending).toHaveLength(1)
  })

  it('draws the new line when it comes into the open chat while nobody looks', () => {
    const { state, chat } = stateWithChat({ rev: 4, readPos: 4 })
    state.openChatId = 'c'
    applyEvent(state, messageEvent(message(5)), away)
    applyEvent(state, messageEvent(message(6)), away)
    expect({ line: chat.newLineAfter, unread: chat.unread }).toEqual({ line: 4, unread: 2 })
  })

  it('is left out of a log that shows the past', () => {
    const { state, chat } = stateWithChat({ rev: 9 })
    chat.log.entries = [message(1), message(2)]
    chat.log.hasNewer = true
    applyEvent(state, messageEvent(message(10)), watched)
    expect({ entries: positions(chat), unread: chat.unread, rev: chat.rev }).toEqual({
      entries: [1, 2],
      unread: 1,
      rev: 10,
    })
  })
})

describe('memberChanged', () => {
  const changed = (userId: string, change: 'joined' | 'left', rev: number): ServerEvent => ({
    chatEvent: 'memberChanged',
    data: { chatId: 'c', rev, change, member: { userId, userName: userId } },
  })

  it('adds and removes others', () => {
    const { state, chat } = stateWithChat()
    applyEvent(state, changed('zoe', 'joined', 1), watched)
    applyEvent(state, changed('mia', 'left', 2), watched)
    expect({ members: Object.keys(chat.members), rev: chat.rev }).toEqual({ members: ['ben', 'zoe'], rev: 2 })
  })

  it('that lets me in asks for everything that I could not see, and only once', () => {
    const { state, chat } = stateWithChat({ members: people('mia') })
    const effects = applyEvent(state, changed('ben', 'joined', 7), watched)
    expect(effects).toEqual([{ kind: 'stale' }, { kind: 'entered', chatId: 'c' }])
    expect(applyEvent(state, changed('ben', 'joined', 7), watched)).toEqual([])
    expect(chat.rev).toBe(7)
  })

  it('that puts me out takes the contents away', () => {
    const { state, chat } = stateWithChat({ rev: 3, unread: 2 })
    chat.log.entries = [message(1)]
    applyEvent(state, changed('ben', 'left', 4), watched)
    expect({ entries: positions(chat), unread: chat.unread, members: Object.keys(chat.members) }).toEqual({
      entries: [],
      unread: 0,
      members: ['mia'],
    })
  })
})

describe('chatDeleted', () => {
  it('closes the chat and says so to its members', () => {
    const { state } = stateWithChat()
    state.openChatId = 'c'
    const effects = applyEvent(state, { chatEvent: 'chatDeleted', data: 'c' }, watched)
    expect(effects).toEqual([{ kind: 'removed', chatId: 'c', name: 'C' }])
    expect(state.openChatId).toBeUndefined()
    expect(state.chats.size).toBe(0)
  })
})

describe('readMoved', () => {
  it('counts what is left unread from the log', () => {
    const { state, chat } = stateWithChat({ rev: 3, unread: 3 })
    chat.log.entries = [message(1), message(2), message(3)]
    applyEvent(state, { chatEvent: 'readMoved', data: { chatId: 'c', pos: 2, unread: 99 } }, watched)
    expect({ readPos: chat.readPos, unread: chat.unread }).toEqual({ readPos: 2, unread: 1 })
  })

  it('never goes back', () => {
    const { state, chat } = stateWithChat({ rev: 3, readPos: 3 })
    applyEvent(state, { chatEvent: 'readMoved', data: { chatId: 'c', pos: 1, unread: 2 } }, watched)
    expect({ readPos: chat.readPos, unread: chat.unread }).toEqual({ readPos: 3, unread: 0 })
  })
})

describe('a frame of a client', () => {
  const line = { message: 'hello', id: 'r1', fromUserId: 'ben', fromUserName: 'Ben himself' }

  it('shows the name of the member whom the service names', () => {
    const { state, chat } = stateWithChat()
    applyRelay(state, { chatId: 'c', fromUserId: 'mia', data: line }, watched)
    expect(chat.relayed.map(({ from, text }) => ({ from, text }))).toEqual([
      { from: { userId: 'mia', userName: 'mia' }, text: 'hello' },
    ])
  })

  it('of somebody who is no member is ignored', () => {
    const { state, chat } = stateWithChat()
    expect(applyRelay(state, { chatId: 'c', fromUserId: 'eve', data: line }, watched)).toEqual([])
    expect(chat.relayed).toEqual([])
  })

  it('that comes twice is shown once, and cannot keep the line of another away', () => {
    const { state, chat } = stateWithChat({ members: people('ben', 'mia', 'zoe') })
    for (const fromUserId of ['zoe', 'mia', 'mia', 'zoe']) {
      applyRelay(state, { chatId: 'c', fromUserId, data: line }, watched)
    }
    expect(chat.relayed.map(({ from }) => from.userId)).toEqual(['zoe', 'mia'])
    expect(new Set(chat.relayed.map(({ id }) => id)).size).toBe(2)
  })

  it('cannot pass for an event of the server', () => {
    const { state } = stateWithChat()
    applyRelay(state, { chatId: 'c', fromUserId: 'mia', data: { chatEvent: 'chatDeleted', data: 'c' } }, watched)
    expect(state.chats.has('c')).toBe(true)
  })

  it('that says typing is believed for five seconds', () => {
    const { state, chat } = stateWithChat()
    applyRelay(state, { chatId: 'c', fromUserId: 'mia', data: { typing: true } }, watched)
    expect(chat.typing.get('mia')).toEqual({ userName: 'mia', until: 6_000 })
    applyEvent(state, messageEvent(message(1)), watched)
    expect(chat.typing.size).toBe(0)
  })
})

describe('any order and loss of events', () => {
  it('converges with the answers to since', () => {
    const author = fc.constantFrom('ben', 'mia', 'zoe')
    const log = fc.array(author, { minLength: 1, maxLength: 12 })
    const step = fc.oneof(
      fc.record({ event: fc.nat(11), repeat: fc.boolean() }),
      fc.record({ since: fc.constant(true), upTo: fc.nat(12) }),
    )
    fc.assert(
      fc.property(log, fc.array(step, { maxLength: 40 }), (authors, steps) => {
        const server = authors.map((from, index) => message(index + 1, from))
        const { state, chat } = stateWithChat({ members: people('ben', 'mia', 'zoe') })
        const answerSince = (upTo: number) => {
          const known = server.slice(0, upTo)
          const missed = known.filter(({ rev }) => rev > chat.rev)
          applyEntries({ state, chat, at: watched }, missed, known.length)
        }
        for (const taken of steps) {
          const entry = 'event' in taken ? server[taken.event] : undefined
          if (entry) applyEvent(state, messageEvent(entry), watched)
          if ('upTo' in taken) answerSince(Math.min(taken.upTo, server.length))
          // What is held is always a run from the start, counted once.
          expect(positions(chat)).toEqual(server.slice(0, chat.rev).map(({ pos }) => pos))
        }
        answerSince(server.length)
        expect(chat.log.entries).toEqual(server)
        expect(chat.unread).toBe(server.filter(({ from }) => from.userId !== 'ben').length)
      }),
      { numRuns: 300 },
    )
  })
})
