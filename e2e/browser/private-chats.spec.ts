import { expect, test } from '../support/test.ts'

test.describe('a private chat', () => {
  test('announces itself with a pop-up that does not steal the focus', async ({ visit }) => {
    const [ana, ben, eve] = await Promise.all([visit('Ana'), visit('Ben'), visit('Eve')])
    await ben.createChat('Busy')
    await ben.composer.pressSequentially('half a sentence')
    await ana.openPrivate('Ben')
    await expect(ben.popUps).toContainText('Ana')
    await expect(ben.composer).toBeFocused()
    await expect(ben.page.getByRole('textbox', { name: 'Message Busy' })).toHaveValue('half a sentence')
    await ben.popUps.getByRole('button', { name: /Ana/ }).click()
    await expect(ben.page.getByRole('textbox', { name: 'Message Ana' })).toBeVisible()
    await ana.say('Can you keep a secret?')
    await expect(ben.line('Can you keep a secret?')).toBeVisible()
    await expect(eve.list.getByText('Private', { exact: true })).toHaveCount(0)
    expect(await eve.page.content()).not.toContain('secret')
  })

  test('is there again after a reload, with its history, for both', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.openPrivate('Ben')
    await ana.say('See you at ten')
    await ben.openChat('Ana')
    await ben.say('Fine')
    await expect(ana.line('Fine')).toBeVisible()
    for (const [one, other] of [
      [ana, 'Ben'],
      [ben, 'Ana'],
    ] as const) {
      await one.page.goto('/')
      await one.openChat(other)
      await expect(one.line('See you at ten')).toBeVisible()
      await expect(one.line('Fine')).toBeVisible()
    }
  })

  test('off the record says so, relays both ways, and forgets on reload', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.openPrivate('Ben', 'Off the record')
    await expect(ana.page.getByText('Off the record: relayed, never stored')).toBeVisible()
    await expect(ben.popUps).toContainText('off the record')
    await ben.openChat('Ana')
    await expect(ben.page.getByText('Off the record: relayed, never stored')).toBeVisible()
    await ana.say('Between us')
    await expect(ben.line('Between us')).toBeVisible()
    await ben.say('Of course')
    await expect(ana.line('Of course')).toBeVisible()
    await ana.page.reload()
    await expect(ana.composer).toBeVisible()
    await expect(ana.page.getByText('Between us')).toHaveCount(0)
    await ben.say('Still there?')
    await expect(ana.line('Still there?')).toBeVisible()
  })
})

test.describe('a group chat off the record', () => {
  test('relays to all its members, with the name of who speaks, and forgets', async ({ visit }) => {
    const [ana, ben, mia] = await Promise.all([visit('Ana'), visit('Ben'), visit('Mia')])
    await ana.createChat('Whispers', 'Off the record')
    await ben.joinChat('Whispers')
    await mia.joinChat('Whispers')
    await ben.say('psst')
    for (const one of [ana, mia]) {
      await expect(one.line('psst')).toBeVisible()
      await expect(one.log.getByText('Ben', { exact: true })).toBeVisible()
    }
    await mia.page.reload()
    await expect(mia.composer).toBeVisible()
    await expect(mia.page.getByText('psst')).toHaveCount(0)
  })
})
