import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'

/** Somebody with a browser of his own, signed in and looking at Chatr. */
export interface Person {
  readonly name: string
  readonly context: BrowserContext
  readonly page: Page
  readonly list: Locator
  readonly log: Locator
  readonly composer: Locator
  readonly popUps: Locator
  say(text: string): Promise<void>
  /** One bubble, by a part of its text. */
  line(text: string | RegExp): Locator
  createChat(name: string, history?: 'Kept' | 'Off the record'): Promise<void>
  joinChat(name: string): Promise<void>
  openChat(name: string): Promise<void>
  /** Begins, or opens, a private chat with somebody who is online. */
  openPrivate(name: string, history?: 'Kept' | 'Off the record'): Promise<void>
  /** A second tab in the same browser. */
  newTab(): Promise<Person>
}

export interface PersonOptions {
  via?: 'guest' | 'github' | 'aad' | 'twitter'
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  hasTouch?: boolean
}

/** Signs somebody in as the sign-in page's form does, and waits until he is connected. */
export async function person(
  browser: Browser,
  base: string,
  name: string,
  options: PersonOptions = {},
): Promise<Person> {
  const { via = 'guest', ...contextOptions } = options
  const context = await browser.newContext({ ...contextOptions, baseURL: base })
  await context.request.post(`/.auth/login/${via}`, { form: { name } })
  return open(context, name)
}

async function open(context: BrowserContext, name: string): Promise<Person> {
  const page = await context.newPage()
  await page.goto('/')
  const one = personOn(page, name)
  await expect(one.list.getByRole('heading', { name: /^Online \d/ })).toBeVisible()
  return one
}

function personOn(page: Page, name: string): Person {
  const list = page.locator('.side')
  const composer = page.getByRole('textbox', { name: /^Message / })
  const one: Person = {
    name,
    context: page.context(),
    page,
    list,
    composer,
    log: page.getByRole('log'),
    popUps: page.getByRole('region', { name: 'Notifications' }),
    say: async (text) => {
      await composer.fill(text)
      await composer.press('Enter')
    },
    line: (text) => page.getByRole('log').locator('.line', { hasText: text }),
    createChat: async (chat, history = 'Kept') => {
      await list.getByRole('button', { name: 'New chat' }).click()
      const dialog = page.getByRole('dialog', { name: 'New chat' })
      await dialog.getByLabel('Name').fill(chat)
      await dialog.getByRole('radio', { name: history }).check()
      await dialog.getByRole('button', { name: 'Create chat' }).click()
      await expect(composer).toBeVisible()
    },
    joinChat: async (chat) => {
      await list.getByRole('button', { name: `Join ${chat}` }).click()
      await one.openChat(chat)
    },
    openChat: async (chat) => {
      await list.getByRole('link', { name: chat }).click()
      await expect(page.getByRole('textbox', { name: `Message ${chat}` })).toBeVisible()
    },
    openPrivate: async (other, history = 'Kept') => {
      if (history === 'Kept') await list.getByRole('button', { name: new RegExp(`^(?!Chat with).*${other}`) }).click()
      else {
        await list.getByRole('button', { name: `Chat with ${other} off the record` }).click()
        await page
          .getByRole('dialog')
          .getByRole('button', { name: /begin|start|chat/i })
          .click()
      }
      await expect(page.getByRole('textbox', { name: `Message ${other}` })).toBeVisible()
    },
    newTab: () => open(page.context(), name),
  }
  return one
}

/** Sends many messages at once from inside a page, past the client: history to scroll through. */
export function sendMany(page: Page, chat: string, texts: string[]): Promise<void> {
  return page.evaluate(
    async ({ chat, texts }) => {
      const { chats } = await (await fetch('/api/chats')).json()
      const { id } =
        Object.values(chats as Record<string, { id: string; name: string }>).find(({ name }) => name === chat) ?? {}
      const { url } = await (await fetch('/api/getToken')).json()
      const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
      await new Promise<void>((resolve, reject) => {
        let waiting = texts.length
        socket.addEventListener('close', ({ code, reason }) =>
          reject(new Error(`the socket closed: ${code} ${reason}`)),
        )
        socket.addEventListener('open', () =>
          texts.forEach((text, index) =>
            socket.send(
              JSON.stringify({
                type: 'event',
                event: 'sendMessage',
                ackId: index + 1,
                dataType: 'json',
                data: { chatId: id, id: crypto.randomUUID(), text },
              }),
            ),
          ),
        )
        socket.addEventListener('message', ({ data }) => {
          if (JSON.parse(data).type === 'ack' && --waiting === 0) resolve()
        })
      })
      socket.close()
    },
    { chat, texts },
  )
}
