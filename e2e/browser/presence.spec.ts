import { expect, test } from '../support/test.ts'

test.use({ settings: { CHATR_IDLE_SECONDS: '3' } })

test.describe('presence', () => {
  test('shows who is online with the provider, who comes and who goes', async ({ visit }) => {
    const ana = await visit('Ana', { via: 'github' })
    const mia = await visit('Mia', { via: 'aad' })
    await expect(ana.list.getByRole('button', { name: /Mia.*Microsoft|Microsoft.*Mia/ })).toBeVisible()
    await expect(mia.list.getByRole('button', { name: /Ana.*GitHub|GitHub.*Ana/ })).toBeVisible()
    await mia.context.close()
    await expect(ana.list.getByRole('button', { name: /Mia/ })).toHaveCount(0)
  })

  test('turns idle without input and back with the first, at once for everyone', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana idle'), visit('Ben idle')])
    const anaAtBen = ben.list.locator('li', { hasText: 'Ana idle' })
    await expect(async () => {
      await ben.page.mouse.move(100 * Math.random(), 100)
      await expect(anaAtBen.getByRole('img', { name: 'Idle' })).toBeVisible({ timeout: 250 })
    }).toPass({ timeout: 15_000 })
    await ana.page.mouse.move(200, 200)
    await ana.page.mouse.move(210, 210)
    await expect(anaAtBen.getByRole('img', { name: 'Idle' })).toHaveCount(0)
  })
})
