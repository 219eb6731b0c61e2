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

before(async () => {
  server = spawn(join(root, 'node_modules/.bin/bun'), ['server/src/main.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', CHATR_DATA: dataFolder },
  })
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

/** A guest with cookies of his own, who came in through the sign-in page. */
async function visit(name) {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  await page.setViewport({ width: 1280, height: 800 })
  await page.goto(url)
  await page.locator('input[name=name]').fill(name)
  await page.locator('[data-provider=guest] button').click()
  await page.locator(`.side ::-p-text(${name})`).wait()
  return page
}

const say = async (page, text) => {
  await page.locator('textarea').fill(text)
  await page.keyboard.press('Enter')
}
const sees = (page, text) => page.locator(`[role=log] ::-p-text(${text})`).wait()

describe('in Firefox', () => {
  it('two guests sign in, create and join a chat, talk, talk in private, and find it all again', async () => {
    const [ana, ben] = [await visit('Ana'), await visit('Ben')]
    await ana.locator('button[aria-label="New chat"]').click()
    await ana.locator('#chat-name').fill('Fire Chat')
    await ana.locator('dialog button[type=submit]').click()
    await ana.locator('textarea').wait()

    await ben.locator('button[aria-label="Join Fire Chat"]').click()
    await ben.locator('.side a ::-p-text(Fire Chat)').click()
    await sees(ana, 'Ben joined')
    await say(ben, 'The original did not run here')
    await sees(ana, 'The original did not run here')
    await say(ana, 'This one does')
    await sees(ben, 'This one does')

    await ana.locator('.side button.person ::-p-text(Ben)').click()
    await ana.locator('textarea[aria-label="Message Ben"]').wait()
    await say(ana, 'Just between us')
    await ben.locator('section[aria-label=Notifications] ::-p-text(Ana)').wait()
    await ben.locator('.side a ::-p-text(Ana)').click()
    await sees(ben, 'Just between us')

    await ben.reload()
    await sees(ben, 'Just between us')
    await ben.locator('.side a ::-p-text(Fire Chat)').click()
    await sees(ben, 'This one does')
    assert.match(await ben.title(), /Chatr/)
  })

  it('comes back by itself when the server was away', async () => {
    const mia = await visit('Mia')
    await mia.locator('button[aria-label="New chat"]').click()
    await mia.locator('#chat-name').fill('Phoenix')
    await mia.locator('dialog button[type=submit]').click()
    await mia.locator('textarea').wait()
    const { port } = new URL(url)
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await ended
    await mia.locator('::-p-text(Offline.)').wait()
    await say(mia, 'from the ashes')
    server = spawn(join(root, 'node_modules/.bin/bun'), ['server/src/main.ts'], {
      cwd: root,
      env: { ...process.env, PORT: port, CHATR_DATA: dataFolder },
    })
    await mia.waitForFunction(() => {
      const line = [...document.querySelectorAll('[role=log] .line')].find((one) =>
        one.textContent.includes('from the ashes'),
      )
      return line && !line.textContent.includes('Waiting')
    })
  })
})
