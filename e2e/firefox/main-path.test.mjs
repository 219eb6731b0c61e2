// The main path in Firefox, as Debian packages it, over WebDriver BiDi. On Node, because the driver runs there.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch } from 'puppeteer-core'

const root = fileURLToPath(new URL('../../', import.meta.url))
const executablePath = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path))
const dataFolder = mkdtempSync(join(tmpdir(), 'chatr-firefox-'))

let server
let browser
let url

const start = (port) =>
  spawn(join(root, 'node_modules/.bin/bun'), ['server/src/main.ts'], {
    cwd: root,
    env: { ...process.env, PORT: port, CHATR_DATA: dataFolder },
  })

before(async () => {
  server = start('0')
  url = await new Promise((resolve) => {
    let printed = ''
    server.stdout.on('data', (chunk) => {
      printed += chunk
      const found = /https?:\/\/[^\s/]+:\d+/.exec(printed)
      if (found) resolve(found[0])
    })
  })
  browser = await launch({ browser: 'firefox', executablePath, headless: true })
})

after(async () => {
  await browser?.close()
  server?.kill()
  rmSync(dataFolder, { recursive: true, force: true })
})

/** Firefox draws only the window in front, and what is not drawn can be neither clicked nor seen. */
async function find(page, selector) {
  await page.bringToFront()
  return page.locator(selector)
}
const click = async (page, selector) => (await find(page, selector)).click()
const type = async (page, selector, text) => (await find(page, selector)).fill(text)
const sees = async (page, selector) => (await find(page, selector)).wait()
const reads = (page, text) => sees(page, `[role=log] ::-p-text(${text})`)

async function say(page, text) {
  await type(page, 'textarea', text)
  await page.focus('textarea')
  await page.keyboard.press('Enter')
}

/** A guest with cookies of his own, who came in through the sign-in page. */
async function visit(name) {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  await page.setViewport({ width: 1280, height: 800 })
  await page.goto(url)
  await type(page, 'input[name=name]', name)
  await click(page, '[data-provider=guest] button')
  await sees(page, `.side ::-p-text(${name})`)
  return page
}

async function createChat(page, name) {
  await click(page, 'button[aria-label="New chat"]')
  await type(page, '#chat-name', name)
  await click(page, 'dialog button[type=submit]')
  await sees(page, 'textarea')
}

describe('in Firefox', () => {
  it('two guests sign in, create and join a chat, talk, talk in private, and find it all again', async () => {
    const [ana, ben] = [await visit('Ana'), await visit('Ben')]
    await createChat(ana, 'Fire Chat')
    await click(ben, 'button[aria-label="Join Fire Chat"]')
    await click(ben, '.side a ::-p-text(Fire Chat)')
    await reads(ana, 'Ben joined')
    await say(ben, 'The original did not run here')
    await reads(ana, 'The original did not run here')
    await say(ana, 'This one does')
    await reads(ben, 'This one does')

    await click(ana, '.side button.person ::-p-text(Ben)')
    await sees(ana, 'textarea[aria-label="Message Ben"]')
    await say(ana, 'Just between us')
    await sees(ben, '.pop-ups ::-p-text(Just between us)')
    await click(ben, '.side a ::-p-text(Just between us)')
    await reads(ben, 'Just between us')

    await ben.reload()
    await reads(ben, 'Just between us')
    await click(ben, '.side a ::-p-text(Fire Chat)')
    await reads(ben, 'This one does')
    assert.match(await ben.title(), /Chatr/)
  })

  it('comes back by itself when the server was away', async () => {
    const mia = await visit('Mia')
    await createChat(mia, 'Phoenix')
    const { port } = new URL(url)
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await ended
    await sees(mia, '::-p-text(Offline.)')
    await say(mia, 'from the ashes')
    server = start(port)
    await mia.waitForFunction(() => {
      const line = [...document.querySelectorAll('[role=log] .line')].find((one) =>
        one.textContent.includes('from the ashes'),
      )
      return line && !line.textContent.includes('Waiting')
    })
  })
})
