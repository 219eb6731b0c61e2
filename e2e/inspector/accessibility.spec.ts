import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './service.ts'

const expectSound = async (page: Page, where: string) => {
  // what still fades in has not its own contrast yet
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  )
  expect(found).toEqual([])
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(width, `${where}: nothing is wider than the screen`).toBeLessThanOrEqual(0)
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['desktop', { width: 1440, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test.describe(`on a ${device} in the ${colorScheme}`, () => {
      test.use({ colorScheme, viewport })

      test('axe finds nothing', async ({ inside, connect }) => {
        const client = await connect({ userId: 'ana', groups: ['lobby', 'x'.repeat(300)] })
        const gone = await connect({ userId: 'Ben Green, whose name is long and does not fit anywhere' })
        await connect({ hub: 'other' })
        const page = await inside()
        await expect(page.getByRole('row', { name: /other/ })).toBeVisible()
        await expectSound(page, 'all hubs')
        await page.goto(`${page.url()}#/chat/connections?connection=${client.id}`)
        await client.send({
          type: 'event',
          event: 'fail',
          ackId: 1,
          dataType: 'json',
          data: { a: [1, true, null, 'text'] },
        })
        await page.getByRole('button', { name: /event fail/ }).click()
        await expect(page.getByRole('button', { name: /InternalServerError/ })).toBeVisible()
        await expectSound(page, 'frames')
        await page.getByRole('tab', { name: 'Details' }).click()
        await expectSound(page, 'details')
        await page.getByRole('link', { name: 'Close the details' }).click()
        await gone.send({ type: 'nonsense' })
        await expect(page.getByText(/1 just gone/)).toBeVisible()
        await expectSound(page, 'connections')
        for (const tab of ['Groups', 'Upstream', 'Try it']) {
          await page.getByRole('navigation', { name: 'What to look at' }).getByRole('link', { name: tab }).click()
          await expect(page.getByRole('region', { name: tab })).toBeVisible()
          await expectSound(page, tab)
        }
        await page.getByRole('button', { name: 'Connect', exact: true }).click()
        await expect(page.getByRole('button', { name: 'Disconnect' })).toBeVisible()
        await expectSound(page, 'own client')
      })
    })
  }
}
