import { describe, expect, it } from 'bun:test'
import { newChatState } from './chat-state.ts'
import { windowTitle } from './title.ts'

const chat = (kind: 'private' | 'group', unread: number) => ({
  ...newChatState({
    id: `${kind}${unread}`,
    name: '',
    kind,
    history: 'kept',
    owner: 'ben',
    members: {},
    rev: 0,
    createdAt: '2026-11-22T08:00:00.000Z',
  }),
  unread,
})
const title = (...chats: ReturnType<typeof chat>[]) =>
  windowTitle({ chats: new Map(chats.map((each) => [each.id, each])) })

describe('the title of the page', () => {
  it('counts what is unread in private chats, and only hints at the rest', () => {
    expect(title()).toBe('Chatr')
    expect(title(chat('group', 7))).toBe('• Chatr')
    expect(title(chat('private', 1), chat('private', 2), chat('group', 7))).toBe('(3) Chatr')
    expect(title(chat('private', 1_000))).toBe('(999+) Chatr')
  })
})
