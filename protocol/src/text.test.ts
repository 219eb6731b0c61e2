import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { ChatId } from './ids.ts'
import { limits } from './limits.ts'
import { ChatName, MessageText, UserName } from './text.ts'

describe('a name', () => {
  it('is trimmed and its white space folded', () => {
    expect(ChatName.parse('  Goat \t\n Chat ')).toBe('Goat Chat')
  })

  it('loses characters that disguise it', () => {
    expect(UserName.parse('A\u202Ena\u200B')).toBe('Ana')
  })

  it('keeps emoji that are joined from several', () => {
    expect(ChatName.parse('Family 👩‍👩‍👧')).toBe('Family 👩‍👩‍👧')
  })

  it.each(['', '   ', '\u200B\u200B', 'x'.repeat(limits.chatNameMaxLength + 1)])(
    'is refused when empty or too long: %j',
    (name) => {
      expect(ChatName.safeParse(name).success).toBe(false)
    },
  )
})

describe('a message text', () => {
  it('keeps its line breaks and leading spaces, and is otherwise left alone', () => {
    expect(MessageText.parse('  a\r\nb\tc <b>')).toBe('  a\nb\tc <b>')
  })

  it.each(['', ' \n ', 'x'.repeat(limits.messageTextMaxLength + 1)])(
    'is refused when blank or too long (%#)',
    (text) => {
      expect(MessageText.safeParse(text).success).toBe(false)
    },
  )

  it('is well-formed Unicode without control characters, whatever came in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = MessageText.safeParse(text)
        if (!parsed.success) return
        expect(parsed.data.isWellFormed()).toBe(true)
        expect(parsed.data).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
      }),
    )
  })
})

describe('a chat id', () => {
  it.each(['a/b', 'a b', '', 'é', '../x', 'x'.repeat(129)])(
    'is refused when it could not stand in a path or a key: %j',
    (id) => {
      expect(ChatId.safeParse(id).success).toBe(false)
    },
  )
})
