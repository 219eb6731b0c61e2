import { describe, expect, it } from 'bun:test'
import { chatFace, faceOf, initialsOf } from './face.ts'

describe('the picture of a person', () => {
  it.each([
    ['Ana Silva', 'AS'],
    ['ana', 'A'],
    ['Anna Maria von Trapp', 'AT'],
    ['李 小龙', '李小'],
    ['👩‍🚀', '👩‍🚀'],
    ['ben_green', 'BG'],
  ])('takes from %p the letters %p', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })

  it('has one of twelve colours, always the same for the same id', () => {
    const faces = Array.from({ length: 500 }, (_, index) => faceOf(`guest:${index}`))
    expect(new Set(faces).size).toBe(12)
    expect(Math.min(...faces)).toBe(1)
    expect(Math.max(...faces)).toBe(12)
    expect(faceOf('guest:1')).toBe(faceOf('guest:1'))
  })
})

describe('the picture of a chat', () => {
  it('is the emoji at an end of its name', () => {
    expect(chatFace('Goat Chat 🐐')).toEqual({ emoji: '🐐', label: 'Goat Chat' })
    expect(chatFace('🏳️‍🌈 Parade')).toEqual({ emoji: '🏳️‍🌈', label: 'Parade' })
  })

  it('is nothing but the name when there is none, and both when there is nothing else', () => {
    expect(chatFace('Release 2')).toEqual({ emoji: undefined, label: 'Release 2' })
    expect(chatFace('🐐')).toEqual({ emoji: '🐐', label: '🐐' })
  })
})
