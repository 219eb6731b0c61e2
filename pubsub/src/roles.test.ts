import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { matchesRolePattern, parseRolePattern } from './role-pattern.ts'
import { grant, isAllowed, permissionsOf, revoke } from './roles.ts'

const canSend = (roles: string[], group: string) => isAllowed(permissionsOf(roles), 'sendToGroup', group)
const canJoin = (roles: string[], group: string) => isAllowed(permissionsOf(roles), 'joinLeaveGroup', group)

describe('roles', () => {
  it('allow nothing when there are none', () => {
    expect(canSend([], 'a') || canJoin([], 'a')).toBe(false)
  })

  it('allow every group without a group in the role', () => {
    expect(canSend(['webpubsub.sendToGroup'], 'any')).toBe(true)
    expect(canJoin(['webpubsub.sendToGroup'], 'any')).toBe(false)
    expect(canJoin(['webpubsub.joinLeaveGroup'], 'any')).toBe(true)
  })

  it('take all behind the second dot literally in the singular', () => {
    expect(canSend(['webpubsub.sendToGroup.a.*'], 'a.*')).toBe(true)
    expect(canSend(['webpubsub.sendToGroup.a.*'], 'a.b')).toBe(false)
    expect(canSend(['webpubsub.sendToGroup.A'], 'a')).toBe(false)
  })

  it('take a pattern in the plural', () => {
    expect(canSend(['webpubsub.sendToGroups.a.*'], 'a.b')).toBe(true)
    expect(canSend(['webpubsub.sendToGroups.a.*'], 'a.b.c')).toBe(false)
    expect(canJoin(['webpubsub.joinLeaveGroups.**'], 'a.b.c')).toBe(true)
  })

  it('give nothing when unknown or malformed', () => {
    const roles = [
      '',
      'sendToGroup',
      'webpubsub.',
      'webpubsub.toString',
      'webpubsub.sendToGroup.',
      'webpubsub.sendToGroups',
      'webpubsub.sendToGroups.a\\',
    ]
    expect(['a', '', 'a\\'].some((group) => canSend(roles, group) || canJoin(roles, group))).toBe(false)
  })

  it('count at most 1000 literal groups and 10 patterns', () => {
    const literals = Array.from({ length: 1_001 }, (_, at) => `webpubsub.sendToGroup.g${at}`)
    expect([canSend(literals, 'g999'), canSend(literals, 'g1000')]).toEqual([true, false])
    const patterns = Array.from({ length: 11 }, (_, at) => `webpubsub.sendToGroups.p${at}x?`)
    expect([canSend(patterns, 'p9x1'), canSend(patterns, 'p10x1')]).toEqual([true, false])
  })
})

describe('permissions at run time', () => {
  it('deny a revoked group that a wider role allows, until it is granted again', () => {
    for (const role of ['webpubsub.sendToGroup', 'webpubsub.sendToGroups.*', 'webpubsub.sendToGroup.a']) {
      const permissions = permissionsOf([role])
      revoke(permissions, 'sendToGroup', 'a')
      expect(isAllowed(permissions, 'sendToGroup', 'a')).toBe(false)
      expect(grant(permissions, 'sendToGroup', 'a')).toBe('granted')
      expect(isAllowed(permissions, 'sendToGroup', 'a')).toBe(true)
    }
  })

  it('refuse the 1001st literal group but not one that is allowed already', () => {
    const permissions = permissionsOf(['webpubsub.sendToGroups.p*'])
    for (let at = 0; at < 1_000; at++) expect(grant(permissions, 'sendToGroup', `g${at}`)).toBe('granted')
    expect(grant(permissions, 'sendToGroup', 'one-more')).toBe('full')
    expect(grant(permissions, 'sendToGroup', 'g5')).toBe('granted')
    expect(grant(permissions, 'sendToGroup', 'p5')).toBe('granted')
  })

  it('follow the last word about a group, whatever came before', () => {
    const step = fc.record({ isGrant: fc.boolean(), group: fc.constantFrom('a', 'b', 'a.b') })
    const role = fc.constantFrom('webpubsub.sendToGroup', 'webpubsub.sendToGroups.*', 'webpubsub.sendToGroup.b')
    fc.assert(
      fc.property(fc.array(role, { maxLength: 2 }), fc.array(step), (roles, steps) => {
        const permissions = permissionsOf(roles)
        for (const { isGrant, group } of steps) (isGrant ? grant : revoke)(permissions, 'sendToGroup', group)
        for (const group of ['a', 'b', 'a.b']) {
          const expected = steps.findLast((step) => step.group === group)?.isGrant ?? canSend(roles, group)
          expect(isAllowed(permissions, 'sendToGroup', group)).toBe(expected)
        }
      }),
    )
  })
})

describe('a role pattern', () => {
  const matches = (pattern: string, name: string) => {
    const parsed = parseRolePattern(pattern)
    return parsed ? matchesRolePattern(parsed, name) : undefined
  }

  it('lets ? be one character but no dot', () => {
    expect([matches('a?c', 'abc'), matches('a?c', 'ac'), matches('a?c', 'a.c')]).toEqual([true, false, false])
  })

  it('takes escaped wildcards literally', () => {
    expect([matches('a\\*', 'a*'), matches('a\\*', 'ab'), matches('\\\\', '\\'), matches('\\?', '?')]).toEqual([
      true,
      false,
      true,
      true,
    ])
  })

  it('is invalid with any other escape, too many stars or more than 1024 characters', () => {
    for (const bad of ['\\a', 'a\\', '', '*a'.repeat(6), 'x'.repeat(1_025)])
      expect(parseRolePattern(bad)).toBeUndefined()
    expect(parseRolePattern('*a**b*c*d*')).toBeDefined()
  })

  it('agrees with the regular expression of the same meaning', () => {
    const piece = fc.constantFrom('a', 'b', '.', '?', '*', '**', '\\*', '\\?', '\\\\')
    const meaning: Record<string, string> = { '.': '\\.', '?': '[^.]', '*': '[^.]*', '**': '[^]*' }
    // `*` next to `**` reads as `**` first, so pieces are kept apart where they would melt
    const pieces = fc
      .array(piece, { minLength: 1, maxLength: 8 })
      .filter(
        (list) =>
          list.filter((p) => p.startsWith('*')).length <= 5 &&
          !list.some((p, at) => p.startsWith('*') && list[at + 1]?.startsWith('*')),
      )
    fc.assert(
      fc.property(
        pieces,
        fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '\\'), maxLength: 10 }),
        (list, name) => {
          const oracle = new RegExp(`^${list.map((p) => meaning[p] ?? p).join('')}$`)
          expect(matches(list.join(''), name)).toBe(oracle.test(name))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('reads stars beside each other as one that crosses dots, if one of them does', () => {
    for (const [pattern, name, expected] of [
      ['***', 'a.b', true],
      ['a***b', 'a.x.b', true],
      ['a***b.*', 'a.x.b.c', true],
      ['a***b.*', 'a.x.b.c.d', false],
      ['**.*.?', 'a.b.c.d', true],
      ['*.**', 'a', false],
      ['**', '', true],
      ['a?', 'a', false],
    ] as const)
      expect([pattern, name, matches(pattern, name)]).toEqual([pattern, name, expected])
  })

  it('answers at once for a name that was made to be slow', () => {
    const startedAt = performance.now()
    expect(matches('*a*a*a*a*b', 'a'.repeat(1_024))).toBe(false)
    const long = parseRolePattern(`**${'a'.repeat(1_000)}b*`) ?? []
    for (let at = 0; at < 100; at++) expect(matchesRolePattern(long, 'a'.repeat(1_024 - (at % 5)))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(600)
  })
})
