import { describe, expect, it } from 'bun:test'
import { developmentKey, isLoopbackHost, keyProblem } from './keys.ts'

describe('a loopback host', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true)
  })
  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.example',
    '',
    '::ffff:10.0.0.1',
  ])('is not %p', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('the development key', () => {
  it('is for services that only this machine can reach', () => {
    const others = /can be reached by others/
    expect(keyProblem({ hostname: '127.0.0.1' })).toBeUndefined()
    expect(keyProblem({ hostname: '::1', endpoint: 'http://localhost:1' })).toBeUndefined()
    expect(keyProblem({ hostname: '0.0.0.0' })).toMatch(others)
    expect(keyProblem({ hostname: '127.0.0.1', endpoint: 'https://a.example' })).toMatch(others)
    expect(keyProblem({ hostname: '0.0.0.0', keys: ['mine', developmentKey] })).toMatch(others)
    expect(keyProblem({ hostname: '0.0.0.0', keys: ['mine'] })).toBeUndefined()
  })
})
