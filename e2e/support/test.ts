import { test as base } from '@playwright/test'
import { type Person, person, type PersonOptions } from './people.ts'
import { type RunningChatr, startChatr } from './start-chatr.ts'

interface Fixtures {
  settings: Record<string, string>
  /** A Chatr of this test's own. */
  chatr: RunningChatr
  /** Somebody with a browser of his own; closed when the test ends. */
  visit: (name: string, options?: PersonOptions) => Promise<Person>
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  chatr: async ({ settings }, use) => {
    const chatr = await startChatr({ env: settings })
    await use(chatr)
    await chatr.remove()
  },
  visit: async ({ browser, chatr }, use) => {
    const people: Person[] = []
    await use(async (name, options) => {
      const one = await person(browser, chatr.url, name, options)
      people.push(one)
      return one
    })
    for (const { context } of people) await context.close()
  },
})

export { expect } from '@playwright/test'
