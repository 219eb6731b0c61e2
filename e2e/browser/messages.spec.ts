import { limits } from '@chatr/protocol'
import { holdDatabase } from '../support/hold-database.ts'
import { sendMany } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

test.describe('a message', () => {
  test('is text, whatever it looks like: links can be clicked, lines break, HTML stays as it was typed', async ({
    visit,
  }) => {
    const ana = await visit('Ana')
    await ana.createChat('Text')
    await ana.say('<img src=x onerror="document.title=\'pwned\'"><b>bold</b>')
    await expect(ana.line('<b>bold</b>')).toBeVisible()
    await expect(ana.log.locator('.bubble img, .bubble b')).toHaveCount(0)
    await expect(ana.page).not.toHaveTitle(/pwned/)

    await ana.say('see https://example.com/a?b=1, javascript:alert(1) and (https://example.org/x)')
    const links = ana.log.locator('.bubble a')
    await expect(links).toHaveCount(2)
    await expect(links.first()).toHaveAttribute('href', 'https://example.com/a?b=1')
    await expect(links.first()).toHaveAttribute('rel', /noopener/)

    await ana.composer.fill('upper')
    await ana.composer.press('Shift+Enter')
    await ana.composer.pressSequentially('lower')
    await ana.composer.press('Enter')
    expect(await ana.line('upper').locator('.bubble').innerText()).toBe('upper\nlower')
  })

  test('over the limit is refused in the composer', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.createChat('Long')
    await ana.composer.fill('x'.repeat(limits.messageTextMaxLength + 3))
    await expect(ana.page.getByText('3 too many')).toBeVisible()
    await ana.composer.press('Enter')
    await expect(ana.composer).not.toBeEmpty()
    await expect(ana.log.locator('.bubble')).toHaveCount(0)
  })

  test('that could not be stored looks failed, and goes through when it is sent again', async ({ visit, chatr }) => {
    const ana = await visit('Ana')
    await ana.createChat('Trouble')
    const release = await holdDatabase(chatr.dataFolder)
    await ana.say('Does this arrive?')
    await expect(ana.line('Does this arrive?')).toContainText('Sending…')
    await expect(ana.log.getByRole('button', { name: 'Try again' })).toBeVisible()
    await release()
    await ana.log.getByRole('button', { name: 'Try again' }).click()
    await expect(ana.log.getByRole('button', { name: 'Try again' })).toHaveCount(0)
    await ana.page.reload()
    await expect(ana.line('Does this arrive?')).toHaveCount(1)
  })
})

test.describe('history', () => {
  test('is scrolled back without end, and what is read does not move', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.createChat('Long ago')
    await sendMany(
      ana.page,
      'Long ago',
      Array.from({ length: 400 }, (_, n) => `line number ${n + 1}.`),
    )
    await ana.page.reload()
    await expect(ana.line('line number 400.')).toBeVisible()
    await expect(ana.line('line number 1.')).toHaveCount(0)
    await ana.log.hover()
    await expect(async () => {
      await ana.page.mouse.wheel(0, -3_000)
      await expect(ana.line('line number 1.')).toBeVisible({ timeout: 100 })
    }).toPass({ timeout: 20_000 })
    await expect(ana.log).toContainText('You created this chat')
    await ana.page.getByRole('button', { name: /newest/i }).click()
    await expect(ana.line('line number 400.')).toBeVisible()
  })

  test('counts what is unread the same on all devices, and draws the line where reading stopped', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben', { via: 'github' })])
    const phone = await visit('Ben', { via: 'github', viewport: { width: 390, height: 844 } })
    await ana.createChat('Unread')
    await ben.joinChat('Unread')
    await ana.say('first')
    await expect(ben.line('first')).toBeVisible()
    await ben.createChat('Elsewhere')
    for (const text of ['second', 'third']) await ana.say(text)
    const row = (one: typeof ben) => one.list.getByRole('link', { name: /Unread/ })
    for (const device of [ben, phone]) await expect(row(device)).toContainText('2 unread')
    await ben.openChat('Unread')
    await expect(ben.log.getByRole('separator').filter({ hasText: 'New' })).toBeVisible()
    await expect(ben.line('third')).toBeVisible()
    await expect(row(phone)).not.toContainText('unread')
  })

  test('groups by day and sender, with one name and time for a run of lines', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ana.createChat('Runs')
    await ben.joinChat('Runs')
    for (const text of ['one', 'two', 'three']) await ana.say(text)
    await expect(ben.line('three')).toBeVisible()
    await expect(ben.log.getByText('Ana', { exact: true })).toHaveCount(1)
    await expect(ben.log.getByText('Today')).toHaveCount(1)
  })
})

test.describe('notices', () => {
  test('of many who join become one line', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.createChat('Crowd')
    const crowd = await Promise.all(['Ben', 'Mia', 'Omar', 'Tess'].map((name) => visit(name)))
    for (const one of crowd) await one.joinChat('Crowd')
    await expect(ana.log).toContainText(/Ben, Mia and 2 others joined/)
  })
})
