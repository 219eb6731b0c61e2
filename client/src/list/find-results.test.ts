import { describe, expect, it } from 'bun:test'
import type { ChatState } from '../state/types.ts'
import { findResults } from './find-results.ts'
import { chatIdOf, chatPath } from './route.ts'

const at = '2026-05-12T10:00:00.000Z'
const me = { userId: 'ana', userName: 'Ana', userProvider: 'guest', idle: false }
const person = (userName: string) => ({ userId: userName, userName, userProvider: 'guest', idle: false })
const chat = (name: string, members: string[]): [string, ChatState] => [
  name,
  {
    id: name,
    name,
    kind: 'group',
    history: 'kept',
    owner: 'ana',
    members: Object.fromEntries(members.map((userId) => [userId, { userId, userName: userId }])),
    createdAt: at,
    rev: 0,
    readPos: 0,
    unread: 0,
    newLineAfter: undefined,
    last: undefined,
    log: {
      entries: [],
      status: 'empty',
      hasOlder: false,
      hasNewer: false,
      isLoadingOlder: false,
      isLoadingNewer: false,
    },
    pending: [],
    relayed: [],
    typing: new Map(),
    draft: '',
  },
]

const state = {
  me,
  chats: new Map([chat('Goats', ['ana']), chat('All goats', ['ben']), chat('Cheese', ['ben'])]),
  online: new Map([['ana', me], ...['Ágota', 'Goran'].map((name) => [name, person(name)] as const)]),
}
const keys = (words: string, scope?: 'joinable') => findResults(state, words, scope).map(({ key }) => key)

describe('find or jump to', () => {
  it('puts my chats first, then people without me, then chats to join', () => {
    expect(keys('')).toEqual(['chat-Goats', 'person-Ágota', 'person-Goran', 'chat-All goats', 'chat-Cheese'])
  })

  it('prefers names that begin with the words, then words that do', () => {
    expect(keys('go')).toEqual(['chat-Goats', 'person-Goran', 'chat-All goats', 'person-Ágota'])
  })

  it('looks past case and accents', () => {
    expect(keys(' AGOTA ')).toEqual(['person-Ágota'])
  })

  it('finds only chats to join when asked for those', () => {
    expect(keys('', 'joinable')).toEqual(['chat-All goats', 'chat-Cheese'])
  })
})

describe('the address of a chat', () => {
  it('leads back to the same chat, whatever its id holds', () => {
    for (const id of ['a', 'a/b', 'ä ?#%', '..']) expect(chatIdOf(chatPath(id))).toBe(id)
  })

  it('names no chat at the root, elsewhere and when it is broken', () => {
    expect(['/', '/chat/', '/chats/a', '/chat/%E0%A4%A'].map(chatIdOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
