import { describe, expect, it } from 'bun:test'
import { createPopUps } from './pop-ups.ts'
import { createPresenceNotices, presencePopUpId } from './presence-notices.ts'
import { createTestTime } from './testing/test-time.ts'
import type { AppState } from './types.ts'

const who = (userName: string) => ({ userId: userName.toLowerCase(), userName })

async function notices() {
  const time = createTestTime()
  const state = { popUps: [] as AppState['popUps'] }
  const popUps = createPopUps(state, time.after)
  const isShown = () => state.popUps.some(({ id }) => id === presencePopUpId)
  const presence = createPresenceNotices({ ...time, popUps, isShown })
  presence.onSynced()
  await time.advance(6_000)
  const shown = () => state.popUps.map(({ title, text }) => `${title} ${text}`)
  return { ...presence, time, shown }
}

describe('presence notices', () => {
  it('merge who comes while one is shown', async () => {
    const { note, shown } = await notices()
    for (const name of ['Ben', 'Mia']) note('online', who(name))
    expect(shown()).toEqual(['Ben and Mia came online'])
  })

  it('are gone after six seconds, and the next one begins anew', async () => {
    const { note, shown, time } = await notices()
    note('online', who('Ben'))
    await time.advance(6_000)
    expect(shown()).toEqual([])
    note('online', who('Mia'))
    expect(shown()).toEqual(['Mia came online'])
  })

  it('are one at a time, whatever changes', async () => {
    const { note, shown } = await notices()
    note('online', who('Ben'))
    note('idle', who('Mia'))
    expect(shown()).toEqual(['Mia went idle'])
  })

  it('keep quiet in the first seconds after connecting', async () => {
    const { note, shown, onSynced } = await notices()
    onSynced()
    note('online', who('Ben'))
    expect(shown()).toEqual([])
  })

  it('say nothing of a user who reloads', async () => {
    const { note, shown, time } = await notices()
    note('offline', who('Ben'))
    await time.advance(4_000)
    note('online', who('Ben'))
    await time.advance(10_000)
    expect(shown()).toEqual([])
  })

  it('say that somebody went offline once he stays away', async () => {
    const { note, shown, time } = await notices()
    note('offline', who('Ben'))
    await time.advance(5_000)
    expect(shown()).toEqual(['Ben went offline'])
    note('online', who('Ben'))
    expect(shown()).toEqual(['Ben came online'])
  })

  it('say nothing of those who come back after a restart of the server', async () => {
    const { note, shown, time, onMissing } = await notices()
    onMissing(['ben'])
    await time.advance(8_000)
    note('online', who('Ben'))
    expect(shown()).toEqual([])
  })
})
