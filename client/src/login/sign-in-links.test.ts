import { describe, expect, it } from 'bun:test'
import { carryTarget, refusalIn } from './sign-in-links.ts'

const origin = 'http://localhost:4280'

describe('the links of the sign-in page', () => {
  it('carry the place to come back to as a whole address', () => {
    expect(carryTarget('/.auth/login/github', '/chat/a b', origin)).toBe(
      '/.auth/login/github?post_login_redirect_uri=http%3A%2F%2Flocalhost%3A4280%2Fchat%2Fa%2520b',
    )
  })

  it.each([null, '', 'https://evil.example/', '//evil.example', 'javascript:alert(1)', '/\\evil.example'])(
    'lead nowhere else for %p',
    (target) => {
      expect(carryTarget('/.auth/login/github', target, origin)).toBe('/.auth/login/github')
    },
  )

  it('say what was wrong', () => {
    expect(refusalIn('?error=name')).toContain('name')
    expect(refusalIn('?error=other')).toContain('again')
    expect(refusalIn('')).toBeUndefined()
  })
})
