import { describe, expect, it } from 'bun:test'
import { isEmojiOnly } from './emoji-only.ts'

describe('a message of emoji only', () => {
  it.each(['🐐', '👩‍👩‍👧‍👦', '🇨🇭 ❤️', '😀😀😀😀😀😀'])('is %p', (text) => {
    expect(isEmojiOnly(text)).toBe(true)
  })

  it.each(['', ' ', 'goat 🐐', '1', '#', '😀'.repeat(7), 'a'])('is not %p', (text) => {
    expect(isEmojiOnly(text)).toBe(false)
  })
})
