import { expect, test } from '../support/test.ts'

test.describe('a group chat', () => {
  test('appears at everyone at once, is joined, and carries what is said both ways', async ({ visit }) => {
    const [ana, ben, mia] = await Promise.all([visit('Ana', { via: 'github' }), visit('Ben'), visit('Mia')])
    await ana.createChat('Goat Chat 🐐')
    for (const other of [ben, mia])
      await expect(other.list.getByRole('button', { name: 'Join Goat Chat 🐐' })).toBeVisible()

    await ben.joinChat('Goat Chat')
    await expect(ana.log).toContainText('Ben joined')
    await ben.say('Just came here to say I’m not a fan of goats')
    await ana.say('Not sure goat chat is the best place for you really…')
    await expect(ana.line('not a fan of goats')).toBeVisible()
    await expect(ben.line('best place for you')).toBeVisible()
    await expect(ana.log.locator('.is-own').filter({ hasText: 'best place' })).toBeVisible()
    await expect(ben.log.locator('.is-own').filter({ hasText: 'best place' })).toHaveCount(0)
    await expect(ben.log.getByText('Ana', { exact: true })).toBeVisible()
  })

  test('shows its members and who owns it; only the creator can remove it, and everyone inside is told', async ({
    visit,
  }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Short-lived')
    await ben.joinChat('Short-lived')
    await ben.page.getByRole('button', { name: 'Details' }).click()
    const details = ben.page.getByRole('complementary', { name: 'Details' })
    await expect(details.getByRole('listitem').filter({ hasText: 'Ana' })).toContainText('Owner')
    await expect(details.getByRole('listitem').filter({ hasText: 'Ben' })).not.toContainText('Owner')
    await expect(details.getByRole('button', { name: 'Remove for everyone' })).toHaveCount(0)

    await ana.page.getByRole('button', { name: 'Details' }).click()
    await ana.page.getByRole('button', { name: 'Remove for everyone' }).click()
    const question = ana.page.getByRole('dialog', { name: /Remove “Short-lived”/ })
    await question.getByRole('button', { name: 'Remove for everyone' }).click()
    await expect(ben.popUps).toContainText('Short-lived')
    await expect(ben.composer).toHaveCount(0)
    for (const one of [ana, ben]) await expect(one.list.getByText('Short-lived')).toHaveCount(0)
  })

  test('can be left and joined again, with its history', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Coming and going')
    await ana.say('Welcome')
    await ben.joinChat('Coming and going')
    await expect(ben.line('Welcome')).toBeVisible()
    await ben.page.getByRole('button', { name: 'Details' }).click()
    await ben.page.getByRole('button', { name: 'Leave chat' }).click()
    await expect(ana.log).toContainText('Ben left')
    await expect(ben.composer).toHaveCount(0)
    await ben.page.getByRole('button', { name: 'Join this chat' }).click()
    await expect(ben.line('Welcome')).toBeVisible()
  })

  test('is opened by its link, and asks whether to join', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('By invitation')
    await ben.page.goto(ana.page.url())
    await expect(ben.page.getByRole('heading', { name: 'By invitation' })).toBeVisible()
    await ben.page.getByRole('button', { name: 'Join this chat' }).click()
    await ben.say('Thanks')
    await expect(ana.line('Thanks')).toBeVisible()
  })

  test('needs a name', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.list.getByRole('button', { name: 'New chat' }).click()
    const dialog = ana.page.getByRole('dialog', { name: 'New chat' })
    await dialog.getByLabel('Name').fill('   ')
    await dialog.getByRole('button', { name: 'Create chat' }).click()
    await expect(dialog).toContainText('Give the chat a name')
    await ana.page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  })
})
