// Takes the pictures of the README: starts Chatr with a new data folder, plays five people, writes to docs/images.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const root = fileURLToPath(new URL('../', import.meta.url))
const images = join(root, 'docs/images')
const dataFolder = mkdtempSync(join(tmpdir(), 'chatr-pictures-'))
const desktop = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }

const server = spawn(join(root, 'node_modules/.bin/bun'), ['server/src/main.ts'], {
  cwd: root,
  env: { ...process.env, PORT: '0', CHATR_DATA: dataFolder },
})
const baseURL = await new Promise((resolve, reject) => {
  let printed = ''
  server.once('exit', () => reject(new Error(printed)))
  server.stdout.on('data', (chunk) => {
    printed += chunk
    const found = /https?:\/\/[^\s/]+:\d+/.exec(printed)
    if (found) resolve(found[0])
  })
})
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })

/** Somebody with a browser of his own, signed in. */
async function visit(name, provider, options = desktop) {
  const context = await browser.newContext({ ...options, baseURL, locale: 'en-GB' })
  await context.request.post(`/.auth/login/${provider}`, { form: { name } })
  const page = await context.newPage()
  await page.clock.install()
  await page.goto('/')
  const list = page.locator('.side')
  const box = page.getByRole('textbox', { name: /^Message / })
  await list.getByText('Online', { exact: true }).first().waitFor()
  return {
    page,
    box,
    button: (label) => page.getByRole('button', { name: label }).first(),
    line: (text) => page.getByRole('log').getByText(text).waitFor(),
    open: async (name, role = 'link') => {
      await list.getByRole(role, { name }).first().click()
      await page.getByRole('textbox', { name: `Message ${name}` }).waitFor()
    },
    join: (chat) => list.getByRole('button', { name: `Join ${chat}` }).click(),
    create: async (chat) => {
      await list.getByRole('button', { name: 'New chat' }).click()
      await page.getByLabel('Name').fill(chat)
      await page.getByRole('button', { name: 'Create chat' }).click()
      await box.waitFor()
    },
    say: async (...texts) => {
      for (const text of texts) {
        await box.fill(text)
        await box.press('Enter')
        await page.getByRole('log').getByText(text).waitFor()
      }
    },
  }
}

async function play() {
  const [ben, mia, omar, tess, ana] = [
    await visit('Ben Green', 'github'),
    await visit('Mia Kovač', 'aad'),
    await visit('Omar Farouk', 'twitter'),
    await visit('Tess Guest', 'guest'),
    await visit('Ana Silva', 'github'),
  ]
  await ana.create('Release 2.0 🚢')
  await ana.say('tagged and pushed')
  await mia.create('Lemon Curd Production 🍋')
  await omar.create('Best Cheeses 🧀')
  await ana.join('Lemon Curd Production')
  await ana.join('Best Cheeses')
  await ana.create('Goat Chat 🐐')
  for (const one of [ben, mia, tess]) await one.join('Goat Chat')
  for (const one of [ben, mia, tess]) await one.box.waitFor()

  await ana.open('Mia Kovač', 'button')
  await ana.say('Coffee tomorrow?')
  await mia.open('Ana Silva')
  await mia.say('see you at ten then')
  await ana.open('Goat Chat')
  await ben.say('Just came here to say I’m not a fan of goats', 'There, I said it.')
  await ana.line('There, I said it.')
  await ana.say('Not sure goat chat is the best place for you really…')
  await mia.open('Goat Chat')
  await mia.say('Let him stay, he brings cheese. The list is in https://wiki.goats.example/cheese (with the prices).')
  await ana.line('Let him stay')

  await ana.open('Release 2.0')
  await mia.open('Lemon Curd Production')
  await mia.say('sugar is here', 'jars are sterilised', 'filling', 'batch 12 is in the jars')
  await omar.say('Gruyère?', 'Manchego?', 'Comté. Next question.')
  await ben.say('Maybe yeah :(', 'I probably should start a Llama chat instead')
  await tess.say('🦙')
  await mia.open('Goat Chat')
  await ana.open('Goat Chat')
  await ana.button('Details').click()
  await ana.say('How do I buy a goat? I have many dollars')
  return { ana, mia, omar }
}

/** With somebody idle, a pop-up (it is there for six seconds) and somebody typing (that is believed for five). */
async function takeDesktop({ ana, mia, omar }) {
  await omar.button('Chat with Ana Silva off the record').click()
  await omar.button('Start chat').click()
  await omar.box.waitFor()
  const notes = ana.page.getByRole('region', { name: 'Notifications' })
  await notes.getByText('off the record').waitFor()
  await omar.page.clock.fastForward(61_000)
  await notes.getByText('went idle').waitFor()
  await notes.getByRole('button', { name: 'Dismiss' }).last().click()
  await ana.box.click()
  await mia.box.press('H')
  await ana.page.getByText('Mia is typing').waitFor()
  for (const colorScheme of ['light', 'dark']) {
    await ana.page.emulateMedia({ colorScheme })
    await ana.page.screenshot({ path: join(images, `${colorScheme}.png`), animations: 'disabled' })
  }
}

async function takePhone({ mia }) {
  const ana = await visit('Ana Silva', 'github', phone)
  await ana.open('Goat Chat')
  await ana.line('many dollars')
  await mia.page.clock.fastForward(4_000)
  await mia.box.press('i')
  await ana.page.getByText('Mia is typing').waitFor()
  await ana.page.screenshot({ path: join(images, 'phone.png'), animations: 'disabled' })
}

try {
  mkdirSync(images, { recursive: true })
  const people = await play()
  await takeDesktop(people)
  await takePhone(people)
} finally {
  await browser.close()
  server.kill()
  rmSync(dataFolder, { recursive: true, force: true })
}
