import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

/** What still fades in has not its own contrast yet. */
const settle = (page: Page) =>
  page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })

const expectSound = async (page: Page, where: string) => {
  await settle(page)
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
  await expect(page.getByRole('dialog')).toBeVisible()
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
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectSound(page, 'settings')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
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

test.describe('axe finds nothing in what is rarer', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`in the ${colorScheme}`, async ({ visit, chatr }) => {
      const [ana, ben] = await Promise.all([visit('Ana', { colorScheme }), visit('Ben')])
      const { page } = ana
      await ben.createChat('Garden')
      await ana.list.getByRole('link', { name: 'Garden' }).click()
      await expect(page.getByRole('button', { name: 'Join this chat' })).toBeVisible()
      await expectSound(page, 'a chat to join')
      await page.getByRole('button', { name: 'Join this chat' }).click()
      await ana.composer.fill('x'.repeat(10_001))
      await expectSound(page, 'a text too long')
      await ana.composer.fill('')
      await ben.openPrivate('Ana', 'Off the record')
      await expect(ana.popUps).toContainText('off the record')
      await expectSound(page, 'a pop-up')
      await ana.openChat('Ben')
      await ana.say('psst')
      await expectSound(page, 'off the record')
      await page.goto(`${chatr.url}/chat/nowhere`)
      await expect(page.getByRole('heading', { name: 'This chat is not here' })).toBeVisible()
      await expectSound(page, 'a chat that is gone')
      await ana.createChat('Mine')
      await page.getByRole('button', { name: 'Details' }).click()
      await page.getByRole('button', { name: 'Remove for everyone' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectSound(page, 'a question')
      await page.keyboard.press('Escape')
      await chatr.stop('SIGKILL')
      await expect(page.getByText(/Offline\. What you write/)).toBeVisible()
      await ana.say('later')
      await expect(ana.line('later')).toContainText('Waiting…')
      await expectSound(page, 'offline')
    })
  }
})

test.describe('the page as a whole', () => {
  test('has one main part, one first heading, and no heading that skips a level', async ({ visit }) => {
    const ana = await visit('Ana')
    const levels = () =>
      ana.page
        .locator('h1:visible, h2:visible, h3:visible, h4:visible')
        .evaluateAll((headings) => headings.map(({ tagName }) => Number(tagName.slice(1))))
    for (const prepare of [
      async () => {},
      () => ana.createChat('Headings'),
      () => ana.page.getByRole('button', { name: 'Details' }).click(),
    ]) {
      await prepare()
      await expect(ana.page.getByRole('main')).toHaveCount(1)
      await expect(ana.page.getByRole('heading', { level: 1 })).toHaveCount(1)
      const found = await levels()
      expect(found.filter((level, index) => index > 0 && level > (found[index - 1] ?? 0) + 1)).toEqual([])
    }
  })

  test('can be used at twice the size, with colours of its own forbidden, and without motion', async ({ visit }) => {
    const ana = await visit('Ana', { viewport: { width: 720, height: 450 } })
    await ana.page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
    await ana.createChat('Large')
    await ana.say('hello')
    await expect(ana.line('hello')).toBeInViewport()
    await expect(ana.composer).toBeInViewport()
    const moving = await ana.page.evaluate(() => document.getAnimations().length)
    expect(moving).toBe(0)
    const wide = await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(wide).toBe(false)
  })
})

test.describe('the keyboard alone', () => {
  test('closes with Escape what is on top, and only that', async ({ visit }) => {
    const ana = await visit('Ana')
    const { page } = ana
    await ana.createChat('Layers')
    const details = page.getByRole('complementary', { name: 'Details' })
    await page.getByRole('button', { name: 'Details' }).click()
    const remove = details.getByRole('button', { name: 'Remove for everyone' })
    await remove.click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(details).toBeVisible()
    await expect(remove).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(details).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Details' })).toBeFocused()
  })

  test('creates a chat, writes, jumps to a person, and finds its way back', async ({ visit }) => {
    const [ana] = await Promise.all([visit('Ana keys'), visit('Ben keys')])
    const { page } = ana
    await page.keyboard.press('Tab')
    await expect(page.getByRole('link', { name: 'Skip to the conversation' })).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(ana.list.getByRole('button', { name: 'New chat' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.type('Keys only')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Message Keys only' })).toBeFocused()
    await page.keyboard.type('Look, no mouse')
    await page.keyboard.press('Enter')
    await expect(ana.line('Look, no mouse')).toBeVisible()
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog')).toBeVisible()
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
