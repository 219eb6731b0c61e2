import { describe, expect, it } from 'bun:test'
import { watchIdle } from './idle.ts'
import { createTestPage } from './testing/test-page.ts'
import { startTestChatr } from './testing/test-chatr.ts'
import { createTestTime, settle } from './testing/test-time.ts'

function watch(seconds = 60) {
  const [time, page] = [createTestTime(), createTestPage()]
  const told: boolean[] = []
  const idle = watchIdle({ ...time, page: page.asPage, onChange: (isIdle) => void told.push(isIdle) })
  idle.setIdleAfter(seconds)
  return { time, page, told, idle }
}

describe('a tab', () => {
  it('is idle after a minute without input, and back at the first one', async () => {
    const { time, page, told } = watch()
    await time.advance(59_999)
    expect(told).toEqual([])
    await time.advance(1)
    expect(told).toEqual([true])
    page.emit('keydown')
    expect(told).toEqual([true, false])
  })

  it('counts from the last input', async () => {
    const { time, page, told } = watch()
    await time.advance(50_000)
    page.emit('pointermove')
    await time.advance(50_000)
    expect(told).toEqual([])
    await time.advance(10_000)
    expect(told).toEqual([true])
  })

  it('is idle as soon as the machine wakes from a long sleep', async () => {
    const { time, told } = watch(600)
    time.sleep(3_600_000)
    await time.advance(60_000)
    expect(told).toEqual([true])
  })

  it('is not idle when it is shown again, and still so when it is hidden', async () => {
    const { time, page, told } = watch()
    await time.advance(60_000)
    page.hidden = true
    page.emit('visibilitychange')
    expect(told).toEqual([true])
    page.hidden = false
    page.emit('visibilitychange')
    expect(told).toEqual([true, false])
  })

  it('takes no scrolling for input: a log scrolls by itself', async () => {
    const { time, page, told } = watch()
    await time.advance(59_000)
    page.emit('scroll')
    await time.advance(1_000)
    expect(told).toEqual([true])
  })
})

describe('an idle user', () => {
  it('is told to the server, and told again after a reconnect', async () => {
    const { time, server, page } = await startTestChatr()
    const told = () => server.heard.map(({ event }) => event)
    await time.advance(60_000)
    expect(told()).toEqual(['userEnterIdle'])
    server.cut()
    await time.advance(2_000)
    expect(told()).toEqual(['userEnterIdle', 'userEnterIdle'])
    page.emit('pointerdown')
    await settle()
    expect(told().at(-1)).toBe('userExitIdle')
  })
})
