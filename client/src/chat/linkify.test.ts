import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { linkify } from './linkify.ts'

const links = (text: string) =>
  linkify(text)
    .filter((part) => part.kind === 'link')
    .map((part) => part.text)
const hrefs = (text: string) => linkify(text).flatMap((part) => (part.kind === 'link' ? [part.href] : []))

describe('linkify', () => {
  it('finds web addresses, mail addresses and what begins with www', () => {
    expect(hrefs('see https://a.example/x?y=1#z and www.b.example or ana@c.example')).toEqual([
      'https://a.example/x?y=1#z',
      'https://www.b.example/',
      'mailto:ana@c.example',
    ])
  })

  it.each([
    ['Look at https://a.example.', 'https://a.example'],
    ['Really, https://a.example/?!', 'https://a.example/'],
    ['(see https://a.example/b)', 'https://a.example/b'],
    ['https://en.example/wiki/Goat_(animal)', 'https://en.example/wiki/Goat_(animal)'],
    ['(https://en.example/wiki/Goat_(animal))', 'https://en.example/wiki/Goat_(animal)'],
    ['"https://a.example/b"', 'https://a.example/b'],
    ['**https://a.example/b**', 'https://a.example/b'],
    ['https://a.example/b, and more', 'https://a.example/b'],
    ['看https://例え.example/。', 'https://例え.example/'],
  ])('leaves the marks of the sentence out of the link in %p', (text, link) => {
    expect(links(text)).toEqual(text.startsWith('看') ? [] : [link])
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)//https:',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x file:///etc/passwd ftp://a.example',
    'https://',
    'http://?',
    'https://bank.example@evil.example/',
    'https://user:secret@evil.example/',
    'xhttps://a.example',
    'mailto:nobody',
    'a@b',
    '@ana',
  ])('makes no link of %p', (text) => {
    expect(links(text)).toEqual([])
  })

  it('ends a link at quotes, angle brackets and invisible breaks', () => {
    expect(links('https://a.example/"onmouseover="alert(1)')).toEqual(['https://a.example/'])
    expect(links('<a href=https://a.example/><img src=x>')).toEqual(['https://a.example/'])
    expect(links('https://a.example/x\u2028y https://b.example/\u200bz')).toEqual([
      'https://a.example/x',
      'https://b.example/',
    ])
  })

  it('keeps every character of the text, in order', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('https://a.example', 'www.', '@', ').', ' '),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        expect(
          linkify(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })

  it('gives only addresses that a browser opens without running anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('javascript:', 'https://', 'data:', 'x.example', '@', 'mailto:', ' ', '/')),
        (pieces) => {
          for (const href of hrefs(pieces.join(''))) expect(href).toMatch(/^(?:https?|mailto):/)
        },
      ),
    )
  })

  it.each([
    'a@'.repeat(5_000),
    'www.'.repeat(2_500),
    '('.repeat(10_000),
    `https://a.example/${')'.repeat(9_900)}`,
    'a.'.repeat(5_000),
  ])('reads 10,000 nasty characters quickly', (text) => {
    const before = performance.now()
    linkify(text)
    expect(performance.now() - before).toBeLessThan(500)
  })
})
