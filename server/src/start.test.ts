import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { rmSync } from 'node:fs'
import { guestCookie, makeTempFolder, principalOf, startTestChatr } from './testing.ts'

let folder: string
beforeEach(() => {
  folder = makeTempFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('startChatr', () => {
  it('leaves nothing open when it cannot start', async () => {
    await using other = await startTestChatr()
    const PORT = new URL(other.url).port
    expect(await startTestChatr({ PORT }, folder).catch(String)).toMatch(/is in use/)
    const chatr = await startTestChatr({}, folder)
    expect((await chatr.fetch('/api/health')).status).toBe(200)
    await chatr.stop()
  })

  it('stops once, however often it is asked, and answers nobody afterwards', async () => {
    const chatr = await startTestChatr({}, folder)
    await Promise.all([chatr.stop(), chatr.stop()])
    expect(await chatr.fetch('/api/health').catch(() => 'nobody')).toBe('nobody')
  })

  it('keeps who is signed in over a restart', async () => {
    const first = await startTestChatr({}, folder)
    const cookie = await guestCookie(first, 'Ada')
    const before = await principalOf(first, cookie)
    await first.stop()
    const second = await startTestChatr({}, folder)
    expect(await principalOf(second, cookie)).toEqual(before)
    await second.stop()
  })
})
