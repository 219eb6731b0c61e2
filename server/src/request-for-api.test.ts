import { describe, expect, it } from 'bun:test'
import { requestForApi } from './request-for-api.ts'
import { emulatedNamed } from './sign-in/identities.ts'

const principalIn = (request: Request) => {
  const header = request.headers.get('x-ms-client-principal')
  return header === null ? undefined : JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
}

describe('a request on its way to the API', () => {
  const makeOutside = () =>
    new Request('http://localhost/api/eventHandler?x=1', {
      method: 'POST',
      body: 'the body',
      headers: {
        'X-MS-Client-Principal': 'forged',
        'x-ms-anything': '1',
        cookie: 'chatr_session=1',
        'ce-type': 'kept',
        'content-type': 'text/plain',
      },
    })

  it('has the principal of the session, without claims', () => {
    const principal = emulatedNamed('github', 'Жанна')
    const { claims, ...rest } = principal
    expect(claims).toEqual([])
    expect(principalIn(requestForApi(makeOutside(), principal))).toEqual(rest)
  })

  it('has no principal where nobody is signed in', () => {
    expect(principalIn(requestForApi(makeOutside(), undefined))).toBeUndefined()
  })

  it('keeps the cookie and headers that only the platform may set to this side', async () => {
    const inside = requestForApi(makeOutside(), undefined)
    expect(Object.fromEntries(inside.headers)).toEqual({ 'content-type': 'text/plain', 'ce-type': 'kept' })
    expect([inside.method, inside.url, await inside.text()]).toEqual([
      'POST',
      'http://localhost/api/eventHandler?x=1',
      'the body',
    ])
  })
})
