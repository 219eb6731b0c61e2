import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { formatRolePattern, parseRolePattern } from '../role-pattern.ts'

describe('a pattern of a role', () => {
  it('is shown as it was written, or so that it means the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '*', '?', '\\', 'é'), maxLength: 12 }), (text) => {
        const pattern = parseRolePattern(text)
        if (pattern) expect(parseRolePattern(formatRolePattern(pattern))).toEqual(pattern)
      }),
    )
  })
})
