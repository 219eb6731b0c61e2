import { describe, expect, it } from 'bun:test'
import { createPopUps } from './pop-ups.ts'
import { createTestTime } from './testing/test-time.ts'
import type { AppState } from './types.ts'

function popUps() {
  const time = createTestTime()
  const state = { popUps: [] as AppState['popUps'] }
  const { show, hold } = createPopUps(state, time.after)
  const say = (id: string, text = '') => show({ id, kind: 'notice', title: id, text })
  return { say, hold, time, ids: () => state.popUps.map(({ id }) => id) }
}

describe('pop-ups', () => {
  it('are at most three: the oldest makes way', () => {
    const { say, ids } = popUps()
    for (const id of ['a', 'b', 'c', 'd']) say(id)
    expect(ids()).toEqual(['b', 'c', 'd'])
  })

  it('stay while they are held, and six seconds longer', async () => {
    const { say, hold, time, ids } = popUps()
    say('a')
    hold('a', true)
    await time.advance(20_000)
    expect(ids()).toEqual(['a'])
    hold('a', false)
    await time.advance(5_999)
    expect(ids()).toEqual(['a'])
    await time.advance(1)
    expect(ids()).toEqual([])
  })

  it('that are held make way for nothing, and outlast news of their own', async () => {
    const { say, hold, time, ids } = popUps()
    say('a')
    hold('a', true)
    for (const id of ['b', 'c', 'd']) say(id)
    expect(ids()).toEqual(['a', 'c', 'd'])
    say('a', 'again')
    await time.advance(6_000)
    expect(ids()).toEqual(['a'])
  })
})
