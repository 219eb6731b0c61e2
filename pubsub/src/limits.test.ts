import { describe, expect, it } from 'bun:test'
import { createWebPubSub } from './index.ts'
import { defaultLimits, readLimits } from './limits.ts'

describe('limits', () => {
  it('are the defaults but for what is asked for', () => {
    expect(readLimits()).toEqual(defaultLimits)
    expect(readLimits({ watchMs: 5, keepAliveMs: undefined as unknown as number })).toEqual({
      ...defaultLimits,
      watchMs: 5,
    })
  })

  it.each([
    { connectionsMax: 0 },
    { connectionsMax: Number.NaN },
    { keepAliveMs: -5 },
    { messageMaxBytes: 1.5 },
    { frameMaxBytes: 1_048_576 },
    { outboundHardMaxBytes: 16 * 1_048_576 },
  ])('that cannot work are refused: %p', (limits) => {
    const options = { endpoint: 'http://localhost:8080', keys: ['a key'] as const, hubs: {}, limits }
    expect(() => createWebPubSub(options)).toThrow('limits: ')
  })
})
