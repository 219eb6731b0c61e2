import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const expectSound = async (page: Page, where: string) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(
    violations.map(({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
  ).toEqual([])
}

async function walkThrough(ana: Person, ben: Person, isPhone: boolean) {
  const { page } = ana
  const chat = `Goat Chat ${crypto.randomUUID()}`
  await expectSound(page, 'first run')
  await ana.list.getByRole('button', { name: 'New chat' }).click()
  await expectSound(page, 'new chat')
  await page.keyboard.press('Escape')
  await ana.createChat(chat)
  await ben.joinChat(chat)
  await ben.say('Maybe https://example.com')
  await ana.say('Yes')
  await expect(ana.line('Maybe')).toBeVisible()
  await expectSound(page, 'conversation')
  await page.getByRole('button', { name: 'Details' }).click()
  await expectSound(page, 'details')
  await page.keyboard.press('Escape')
  if (isPhone) await page.getByRole('button', { name: 'Back to the list' }).click()
  await ana.list.getByRole('button', { name: 'Settings' }).click()
  await expectSound(page, 'settings')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expectSound(page, 'find')
  await page.keyboard.press('Escape')
}

test.describe('axe finds nothing', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of [
      ['desktop', { width: 1440, height: 900 }],
      ['phone', { width: 390, height: 844 }],
    ] as const) {
      test(`in the ${colorScheme} on a ${device}`, async ({ visit }) => {
        const [ana, ben] = await Promise.all([visit('Ana', { colorScheme, viewport }), visit('Ben')])
        await walkThrough(ana, ben, device === 'phone')
      })
    }

    test(`on the sign-in pages in the ${colorScheme}`, async ({ browser, chatr }) => {
      const context = await browser.newContext({ colorScheme })
      const page = await context.newPage()
      for (const path of ['/login', '/login?error=name', '/.auth/login/github']) {
        await page.goto(chatr.url + path)
        await expectSound(page, path)
      }
      await context.close()
    })
  }
})

test.describe('the keyboard alone', () => {
  test('creates a chat, writes, jumps to a person, and finds its way back', async ({ visit }) => {
    const [ana] = await Promise.all([visit('Ana keys'), visit('Ben keys')])
    const { page } = ana
    await page.keyboard.press('Tab')
    await expect(page.getByRole('link', { name: 'Skip to the conversation' })).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(ana.list.getByRole('button', { name: 'New chat' })).toBeFocused()
    await page.keyboard.press('Enter')
    await page.keyboard.type('Keys only')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Message Keys only' })).toBeFocused()
    await page.keyboard.type('Look, no mouse')
    await page.keyboard.press('Enter')
    await expect(ana.line('Look, no mouse')).toBeVisible()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Ben keys')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Message Ben keys' })).toBeFocused()
    await page.keyboard.press('Control+k')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('textbox', { name: 'Message Ben keys' })).toBeFocused()
  })

  test('leaves no control without a name', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.createChat('Names')
    for (const control of await ana.page.getByRole('button').or(ana.page.getByRole('link')).all()) {
      await expect(control).toHaveAccessibleName(/\S/)
    }
  })
})

test.describe('the theme', () => {
  test('follows the system, and the switch overrides it and is remembered', async ({ visit }) => {
    const ana = await visit('Ana', { colorScheme: 'dark' })
    const background = () => ana.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const dark = await background()
    await expect(async () => {
      await ana.page.getByRole('button', { name: /^Theme/ }).click()
      await expect(ana.page.getByRole('button', { name: /^Theme: light/i })).toBeVisible({ timeout: 200 })
    }).toPass()
    const light = await background()
    expect(light).not.toBe(dark)
    await ana.page.reload()
    expect(await background()).toBe(light)
  })
})
