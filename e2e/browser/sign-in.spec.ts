import { expect, test } from '../support/test.ts'

test.describe('the sign-in page', () => {
  test('lets a guest in by name, and out again', async ({ page, chatr }) => {
    await page.goto(chatr.url)
    await expect(page).toHaveURL(/\/login/)
    await page.getByRole('textbox', { name: /name/i }).fill('Tess')
    await page.getByRole('button', { name: /guest/i }).click()
    await expect(page.locator('.side')).toContainText('Tess')
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/\/login/)
    expect(await (await page.request.get(`${chatr.url}/.auth/me`)).json()).toEqual({ clientPrincipal: null })
  })

  for (const [provider, label] of [
    ['github', /GitHub/],
    ['aad', /Microsoft/],
    ['twitter', /\bX\b/],
  ] as const) {
    test(`lets a developer in through the emulated ${provider}, as the same person in every browser`, async ({
      browser,
      chatr,
    }) => {
      const ids: string[] = []
      for (let visit = 0; visit < 2; visit++) {
        const context = await browser.newContext()
        const page = await context.newPage()
        await page.goto(`${chatr.url}/login`)
        await page.getByRole('link', { name: label }).click()
        await page.getByRole('textbox').first().fill('Ana Silva')
        await page.getByRole('button').first().click()
        await expect(page.locator('.side')).toContainText('Ana Silva')
        const { clientPrincipal } = await (await page.request.get(`${chatr.url}/.auth/me`)).json()
        expect(clientPrincipal).toMatchObject({ identityProvider: provider, userDetails: 'Ana Silva' })
        ids.push(clientPrincipal.userId)
        await context.close()
      }
      expect(ids[0]).toBe(ids[1])
    })
  }

  test('works without JavaScript', async ({ browser, chatr }) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${chatr.url}/login`)
    await page.getByRole('link', { name: /GitHub/ }).click()
    await page.getByRole('textbox').first().fill('Nora')
    await page.getByRole('button').first().click()
    expect(await (await page.request.get(`${chatr.url}/.auth/me`)).json()).toMatchObject({
      clientPrincipal: { userDetails: 'Nora' },
    })
    await context.close()
  })

  test('says what is wrong with a name, and brings one to where one wanted to go', async ({ page, chatr }) => {
    await page.goto(`${chatr.url}/chat/somewhere`)
    await page.getByRole('textbox', { name: /name/i }).fill('   ')
    await page.getByRole('textbox', { name: /name/i }).press('Enter')
    await expect(page.getByText(/name/i).last()).toBeVisible()
    await page.getByRole('textbox', { name: /name/i }).fill('Tess')
    await page.getByRole('button', { name: /guest/i }).click()
    await expect(page).toHaveURL(`${chatr.url}/chat/somewhere`)
  })

  test('signing out in one tab is seen in the other', async ({ visit }) => {
    const tess = await visit('Tess')
    const tab = await tess.newTab()
    await tab.page.getByRole('button', { name: 'Settings' }).click()
    await tab.page.getByRole('button', { name: 'Sign out' }).click()
    await expect(tess.page.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
  })
})
