import { expect, test } from '../support/test.ts'

test.describe('a pop-up', () => {
  test('stays while the pointer is on it, leaves the focus alone, and is gone when the chat is opened', async ({
    visit,
  }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ben.createChat('Elsewhere')
    await ben.page.clock.install()
    await ana.openPrivate('Ben')
    await ana.say('Are you there?')
    const card = ben.popUps.getByRole('button', { name: /Are you there/ })
    await card.hover()
    await ben.page.clock.runFor(7_000)
    await expect(card).toBeVisible()
    await expect(ben.page).toHaveTitle('(1) Chatr')
    await expect(ben.composer).toBeFocused()
    await ben.openChat('Ana')
    await expect(card).toHaveCount(0)
    await expect(ben.page).toHaveTitle('Chatr')
  })

  test('goes after six seconds when nobody holds it', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ben.page.clock.install()
    await ana.openPrivate('Ben')
    const card = ben.popUps.getByRole('button', { name: /Ana/ })
    await expect(card).toBeVisible()
    await ben.page.clock.runFor(6_500)
    await expect(card).toHaveCount(0)
  })

  test('of comings and goings is one, with all the names', async ({ visit }) => {
    const ana = await visit('Ana')
    await ana.createChat('Quiet')
    await ana.page.clock.install()
    await ana.page.reload()
    await expect(ana.composer).toBeVisible()
    await ana.page.clock.runFor(5_500) // whoever was there when one came is no news
    await Promise.all(['Ben', 'Mia', 'Omar', 'Tess', 'Zoe'].map((name) => visit(name)))
    await expect(ana.popUps).toContainText(/\w+, \w+ and 3 others\s*came online/)
    await expect(ana.popUps.getByRole('button', { name: 'Dismiss' })).toHaveCount(1)
    await expect(ana.composer).toBeFocused()
  })
})

test.describe('a notification of the system', () => {
  test('tells of a private message while the page is hidden', async ({ visit }) => {
    const [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')])
    await ben.context.grantPermissions(['notifications'])
    await ben.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      const told: string[] = []
      Object.assign(window, { told })
      window.Notification = class extends EventTarget {
        static readonly permission = 'granted'
        constructor(title: string, options: NotificationOptions) {
          super()
          told.push(`${title}: ${options.body}`)
        }
      } as never
    })
    await ana.openPrivate('Ben')
    await ana.say('Lunch?')
    await expect.poll(() => ben.page.evaluate(() => Reflect.get(window, 'told'))).toContain('Ana: Lunch?')
  })
})
