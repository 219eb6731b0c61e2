import { describe, expect, it } from 'bun:test'
import { MessageId } from '@chatr/protocol'
import * as fc from 'fast-check'
import { uuidv4, uuidv7 } from './uuid.ts'

describe('uuidv7', () => {
  it('is that of the RFC 9562 example for its time and randomness', () => {
    const random = [0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]
    expect(uuidv7(0x017f22e279b0, (bytes) => bytes.set(random))).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
  })

  it('sorts by time and is a message id', () => {
    const time = fc.integer({ min: 0, max: 2 ** 48 - 2 })
    fc.assert(
      fc.property(time, (now) => {
        expect(uuidv7(now) < uuidv7(now + 1)).toBe(true)
        expect(MessageId.safeParse(uuidv7(now)).success).toBe(true)
      }),
    )
  })
})

describe('uuidv4', () => {
  it('has its version and variant', () => {
    expect(uuidv4()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
