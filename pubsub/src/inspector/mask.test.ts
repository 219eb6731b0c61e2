import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { maskText, maskUrl } from './mask.ts'

const names = [
  'token',
  'accessToken',
  'access_token',
  'reconnectionToken',
  'password',
  'apiKey',
  'AccessKey',
  'client_secret',
  'Authorization',
  'connectionString',
]

describe('masking', () => {
  it('hides the value of every member with the name of a secret', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ minLength: 4 }), (name, secret) => {
        const masked = JSON.parse(maskText(JSON.stringify({ [name]: secret, after: 1 }))) as object
        expect(masked).toEqual({ [name]: '•••', after: 1 })
      }),
    )
  })

  it('hides it in JSON within JSON too', () => {
    const inner = JSON.stringify({ token: 'a "quoted" secret', after: 1 })
    const masked = maskText(JSON.stringify({ data: inner }))
    expect(masked).not.toContain('secret')
    expect(masked).toContain('after')
  })

  it('hides a value whose end was cut off', () => {
    expect(maskText('{"a":1,"reconnectionToken":"abcdef')).toBe('{"a":1,"reconnectionToken":"•••')
  })

  it('hides tokens and keys in any text', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl'
    expect(maskText(`see ${token} there`)).toBe('see ••• there')
    expect(maskText(`wss://h/client/hubs/c?access_token=${token}`)).not.toContain('eyJ')
    expect(maskText('Endpoint=http://h;AccessKey=abc=;Version=1.0;')).toBe(
      'Endpoint=http://h;AccessKey=•••;Version=1.0;',
    )
  })

  it('leaves everything else as it is', () => {
    const text = '{"type":"message","tokens":"3","data":{"message":"my key is under the mat","monkey":"yes"}}'
    expect(maskText(text)).toBe(text)
  })

  it('shows no value of a query and no user of an address', () => {
    expect(maskUrl('https://u:p@shop.example/api/x?code=secret&name=y#z')).toBe(
      'https://shop.example/api/x?code=•••&name=•••',
    )
  })
})
