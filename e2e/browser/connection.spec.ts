import { expect, test } from '../support/test.ts'

test.describe('when the server goes away under the open page', () => {
  test('the page says so, keeps what is typed, comes back by itself, and sends what was waiting once', async ({
    visit,
    chatr,
  }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Storm')
    await ben.joinChat('Storm')
    await ana.say('before')
    await expect(ben.line('before')).toBeVisible()

    await chatr.stop('SIGKILL')
    await expect(ana.page.getByText(/Offline\. What you write/)).toBeVisible()
    await ana.say('written while it was away')
    await expect(ana.line('written while it was away')).toContainText('Waiting…')
    await ana.composer.fill('still typing')

    await chatr.startAgain()
    await expect(ana.page.getByText(/Offline\. What you write/)).toHaveCount(0, { timeout: 20_000 })
    await expect(ben.line('written while it was away')).toHaveCount(1, { timeout: 20_000 })
    await expect(ana.line('written while it was away')).not.toContainText('Waiting…')
    await expect(ana.composer).toHaveValue('still typing')
    await ben.say('and after')
    await expect(ana.line('and after')).toBeVisible()
    await ana.page.reload()
    await expect(ana.line('written while it was away')).toHaveCount(1)
  })

  test('a message that waits survives a reload of the page', async ({ visit, chatr }) => {
    const ana = await visit('Ana')
    await ana.createChat('Reloaded')
    await chatr.stop('SIGKILL')
    await ana.say('patience')
    await expect(ana.line('patience')).toContainText('Waiting…')
    await chatr.startAgain()
    await ana.page.reload()
    await expect(ana.line('patience')).toHaveCount(1)
    await expect(ana.line('patience')).not.toContainText('Waiting…')
  })
})

test.describe('when the network goes away', () => {
  test('what was said meanwhile is there when it is back', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Tunnel')
    await ben.joinChat('Tunnel')
    await expect(ana.log).toContainText('Ben joined')
    await ben.context.setOffline(true)
    await expect(ben.page.getByText(/Offline\. What you write/)).toBeVisible()
    for (const text of ['one', 'two', 'three']) await ana.say(text)
    await ben.say('from the tunnel')
    await expect(ana.line('three')).toBeVisible()
    await ben.context.setOffline(false)
    for (const text of ['one', 'two', 'three']) await expect(ben.line(text)).toHaveCount(1)
    await expect(ana.line('from the tunnel')).toHaveCount(1)
  })
})

test.describe('two tabs', () => {
  test('show the same, and are one person', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana tabs'), visit('Ben')])
    const tab = await ana.newTab()
    await ana.createChat('Both')
    await tab.openChat('Both')
    await ana.say('said in the first')
    await expect(tab.line('said in the first')).toHaveCount(1)
    await tab.say('said in the second')
    await expect(ana.line('said in the second')).toHaveCount(1)
    await expect(
      ben.list.getByRole('button', { name: 'Ana tabs', exact: false }).filter({ hasNotText: 'Chat with' }).first(),
    ).toBeVisible()
    await tab.page.close()
    await ben.page.reload()
    await expect(ben.list.getByText('Ana tabs').first()).toBeVisible()
  })
})
