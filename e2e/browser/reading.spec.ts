import type { Page } from '@playwright/test'
import { type Person, sendMany } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `line number ${n + 1}.`)

/** How far (px) the end of the log is below what is shown of it. */
const below = (page: Page) =>
  page.getByRole('log').evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight))

async function expectAtEnd({ page }: Person) {
  await expect.poll(() => below(page)).toBeLessThanOrEqual(1)
  await expect(page.getByRole('button', { name: 'Jump to newest' })).toHaveCount(0)
}

test.describe('at the newest line', () => {
  test('one stays there, whatever grows, shrinks or comes', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Bottom')
    await ben.joinChat('Bottom')
    await sendMany(ana.page, 'Bottom', numbered(60))
    await expect(ana.line('line number 60.')).toBeVisible()
    await ben.say('a line that comes')
    await expect(ana.line('a line that comes')).toBeVisible()
    await expectAtEnd(ana)
    await ana.composer.fill('one\n'.repeat(12))
    await expectAtEnd(ana)
    await ana.composer.fill('')
    await ben.composer.pressSequentially('typing')
    await expect(ana.page.getByText('Ben is typing')).toBeVisible()
    await expectAtEnd(ana)
    for (const [width, height] of [
      [390, 844],
      [390, 420],
      [1600, 1000],
      [800, 600],
    ] as const) {
      await ana.page.setViewportSize({ width, height })
      // In the same frame, as when a phone is turned while one writes.
      await ana.composer.fill('two\n'.repeat(width % 7))
      await expectAtEnd(ana)
    }
  })
})

test.describe('further up', () => {
  test('what is being read does not move, neither for older pages nor for what comes below', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Anchored')
    await ben.joinChat('Anchored')
    await sendMany(ana.page, 'Anchored', numbered(400))
    await ana.page.reload()
    await expect(ana.line('line number 400.')).toBeVisible()
    const jumps = await ana.log.evaluate(async (log) => {
      const lines = () => new Map([...log.querySelectorAll('.line')].map((line) => [line.textContent, line]))
      const topOf = (line: Element | undefined) => line?.getBoundingClientRect().top ?? 0
      const seen: number[] = []
      for (let step = 0; step < 120; step++) {
        log.scrollTop -= 180
        const middle = [...lines().values()].find((line) => topOf(line) > log.clientHeight / 2)
        const [name, top, scrollable] = [middle?.textContent ?? '', topOf(middle), log.scrollTop]
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        if (scrollable > 0) seen.push(Math.abs(topOf(lines().get(name)) - top))
      }
      return seen.filter((moved) => moved > 1)
    })
    expect(jumps).toEqual([])
    await expect(ana.line('line number 1.')).toHaveCount(1)
    await ana.log.evaluate((log) => (log.scrollTop = 300))
    const top = async () => (await ana.line('line number 10.').boundingBox())?.y
    const before = await top()
    await ben.say('news')
    await expect(ana.page.getByRole('button', { name: 'Jump to newest' })).toContainText('1 new')
    expect(await top()).toBe(before)
    await ana.page.getByRole('button', { name: 'Jump to newest' }).click()
    await expect(ana.line('news')).toBeVisible()
    await expectAtEnd(ana)
  })

  test('more unread than one can count are said so, and gone only when they were seen', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Flood')
    await ben.joinChat('Flood')
    await ben.createChat('Dry land')
    for (const part of [numbered(1_100).slice(0, 550), numbered(1_100).slice(550)])
      await sendMany(ana.page, 'Flood', part)
    const row = ben.list.getByRole('link', { name: /Flood/ })
    await expect(row).toContainText('999+ unread')
    await ben.openChat('Flood')
    const toFirst = ben.page.getByRole('button', { name: /^999\+ new messages/ })
    await expect(toFirst).toBeVisible()
    await toFirst.click()
    await expect(ben.line('line number 1.')).toBeInViewport()
    await expect(ben.log.getByRole('separator').filter({ hasText: 'New' })).toBeInViewport()
    await ben.page.getByRole('button', { name: 'Jump to newest' }).click()
    await expect(ben.line('line number 1100.')).toBeVisible()
    await expect(row).not.toContainText('unread')
  })
})
