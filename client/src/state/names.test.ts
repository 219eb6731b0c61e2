import { describe, expect, it } from 'bun:test'
import { listNames } from './names.ts'

describe('a list of names', () => {
  it('says one name in full, several by first names, and counts beyond three', () => {
    const all = ['Ben Green', 'Mia Kovač', 'Zoe', 'Omar Farouk', 'Tess Guest']
    expect(all.map((_, index) => listNames(all.slice(0, index + 1)))).toEqual([
      'Ben Green',
      'Ben and Mia',
      'Ben, Mia and Zoe',
      'Ben, Mia and 2 others',
      'Ben, Mia and 3 others',
    ])
    expect(listNames([])).toBe('')
  })
})
