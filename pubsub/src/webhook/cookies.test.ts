import { describe, expect, it } from 'bun:test'
import { type Cookie, cookieHeader, takeCookies } from './cookies.ts'
import { openRoute } from './settings.ts'

const at = (url: string) => openRoute({ urlTemplate: url }).targetOf('chat', 'x')
const here = at('https://app.example/api/hook')

/** The jar after one answer after the other, each with one cookie. */
const jarOf = (lines: string[], { target = here, now = 0 } = {}) =>
  lines.reduce<readonly Cookie[]>((jar, line) => takeCookies(jar, ['set-cookie', line], { target, now }), [])

describe('the cookies of a connection', () => {
  it.each([
    [['a=1', 'b="2; x'], 'a=1; b="2'],
    [['a=1', 'a=2; HttpOnly'], 'a=2'],
    [['a=1; Path=/', 'a=2'], 'a=1; a=2'],
    [['a='], 'a='],
    [['a=b=c'], 'a=b=c'],
    [['a'], undefined],
    [['=a'], undefined],
    [['a=1', 'a=; Max-Age=0'], undefined],
    [['a=1', 'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
    [['a=1; Domain=.example'], 'a=1'],
    [[`a=${'b'.repeat(4_096)}`], undefined],
  ])('are, after %j: %p', (lines, header) => {
    expect(cookieHeader(jarOf(lines), here, 0)).toBe(header)
  })

  it.each([
    ['a=1', 'https://app.example/api/other?x=/', 'a=1'],
    ['a=1', 'https://app.example/', undefined],
    ['a=1; Path=/', 'https://app.example/', 'a=1'],
    ['a=1; Path=/api/ho', here.shown, undefined],
    ['a=1; Path=/api', here.shown, 'a=1'],
    ['a=1; Path=/; Domain=example', 'https://other.example/', undefined],
    ['a=1; Path=/; Secure', 'http://app.example/', undefined],
    ['a=1; Path=/; Secure', 'https://app.example/', 'a=1'],
  ])('are, of %s for %s: %p', (line, url, header) => {
    expect(cookieHeader(jarOf([line]), at(url), 0)).toBe(header)
  })

  it('end with their time', () => {
    const jar = jarOf(['a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], { now: 1_000 })
    expect(cookieHeader(jar, here, 10_999)).toBe('a=1')
    expect(cookieHeader(jar, here, 11_000)).toBeUndefined()
  })

  it('are no more than twenty, the oldest forgotten first', () => {
    const jar = jarOf(Array.from({ length: 25 }, (_, index) => `c${index}=1`))
    expect(jar.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, index) => `c${index + 5}`))
  })
})
