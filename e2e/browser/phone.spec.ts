import { expect, test } from '../support/test.ts'

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }

test.describe('on a phone', () => {
  test('the browser’s back button and ours lead from a chat to the list, and stay there', async ({ visit }) => {
    const ana = await visit('Ana', phone)
    await ana.createChat('Pocket')
    await expect(ana.list).toBeHidden()
    await ana.page.goBack()
    await expect(ana.list).toBeVisible()
    await ana.openChat('Pocket')
    await ana.page.getByRole('button', { name: 'Back to the list' }).click()
    await expect(ana.list.getByRole('link', { name: 'Pocket' })).toBeFocused()
    await ana.page.goForward()
    await expect(ana.composer).toBeVisible()
    await ana.page.goBack()
    await expect(ana.list).toBeVisible()
    await expect(ana.page).toHaveURL(/\/$/)
  })

  test('the browser’s back button closes the details first, then the chat', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana', phone), visit('Ben')])
    const details = ana.page.getByRole('complementary', { name: 'Details' })
    await ana.createChat('Layers')
    await ben.joinChat('Layers')
    await ana.page.getByRole('button', { name: 'Details' }).click()
    await expect(details).toBeVisible()
    await ana.page.goBack()
    await expect(details).toBeHidden()
    await expect(ana.composer).toBeVisible()

    await ana.page.getByRole('button', { name: 'Details' }).click()
    await ana.page.getByRole('button', { name: 'Close details' }).click()
    await expect(details).toBeHidden()
    await ana.page.goBack()
    await expect(ana.list).toBeVisible()

    await ana.openChat('Layers')
    await ana.page.getByRole('button', { name: 'Details' }).click()
    await details.getByRole('button', { name: /Ben/ }).click()
    await expect(ana.page.getByRole('textbox', { name: 'Message Ben' })).toBeVisible()
    await expect(details).toBeHidden()
  })

  test('removing a chat from its details leads to the list, with nothing left to go back into', async ({ visit }) => {
    const ana = await visit('Ana', phone)
    await ana.createChat('Gone soon')
    await ana.page.getByRole('button', { name: 'Details' }).click()
    await ana.page.getByRole('button', { name: 'Remove for everyone' }).click()
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Remove for everyone' }).click()
    await expect(ana.list).toBeVisible()
    await expect(ana.page).toHaveURL(/\/$/)
    await expect(ana.list.getByText('Gone soon')).toHaveCount(0)
  })

  test('the keyboard is not called up by opening a chat, and stays up after sending', async ({ visit }) => {
    const ana = await visit('Ana', phone)
    await ana.createChat('Thumbs')
    await ana.page.getByRole('button', { name: 'Back to the list' }).click()
    await ana.openChat('Thumbs')
    await expect(ana.composer).not.toBeFocused()
    await ana.composer.tap()
    await ana.composer.fill('sent by thumb')
    await ana.page.getByRole('button', { name: 'Send' }).tap()
    await expect(ana.line('sent by thumb')).toBeVisible()
    await expect(ana.composer).toBeFocused()
  })

  test('everything that is touched is large enough for a finger', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana', phone), visit('Ben')])
    await ana.createChat('Fingers')
    await ben.createChat('To join')
    await ana.page.getByRole('button', { name: 'Details' }).tap()
    await expect(ana.page.getByRole('button', { name: 'Leave chat' })).toBeVisible()
    const small = () =>
      ana.page
        .locator('button:visible, a[href]:visible:not(.skip)')
        .evaluateAll((controls) =>
          controls.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent),
        )
    expect(await small()).toEqual([])
    await ana.page.getByRole('button', { name: 'Close details' }).tap()
    await ana.page.getByRole('button', { name: 'Back to the list' }).tap()
    await expect(ana.list.getByRole('button', { name: 'Join To join' })).toBeVisible()
    expect(await small()).toEqual([])
  })
})
