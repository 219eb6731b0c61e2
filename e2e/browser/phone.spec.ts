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
