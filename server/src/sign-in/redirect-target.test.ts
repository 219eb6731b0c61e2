import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { redirectTarget } from './redirect-target.ts'

const origin = 'http://chat.example'
const targetOf = (uri: string) => redirectTarget(uri, { origin, fallback: '/fallback' })

describe('a redirect target', () => {
  it.each(['/', '/chats/1?x=%2F#top', '/a//b'])('stays %s', (uri) => {
    expect(targetOf(uri)).toBe(uri)
  })

  it('may be a whole address of this site', () => {
    expect(targetOf(`${origin}/chats/1?x=1#top`)).toBe('/chats/1?x=1#top')
    expect(targetOf(origin)).toBe('/')
  })

  it.each([
    'https://chat.example/',
    'http://chat.example:81/',
    'http://chat.example@evil.example/',
    'http://chat.example//evil.example',
    'http:evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    'chats',
    '',
    ' /',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '/a\r\nset-cookie: x=1',
  ])('is never %j', (uri) => {
    expect(targetOf(uri)).toBe('/fallback')
  })

  it('is on our own site whatever is asked for', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '@',
      ':',
      '?',
      '#',
      'evil.example',
      'http:',
      origin,
      '\t',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = targetOf(pieces.join(''))
        expect(new URL(target, 'http://chat.example').host).toBe('chat.example')
        expect(new URL(target, 'https://other.example/login?x').host).toBe('other.example')
      }),
      { numRuns: 2_000 },
    )
  })

  it('writes what is not ASCII so that a header can carry it', () => {
    expect(targetOf('/grüße')).toBe('/gr%C3%BC%C3%9Fe')
  })
})
