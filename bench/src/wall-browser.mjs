// Scrolls a long chat in Chromium and prints what it cost as JSON. On Node, because Playwright runs there.
import { chromium } from '@playwright/test'

const [url = '', cookie = '', chat = ''] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
const [name, value] = cookie.split('=')
await context.addCookies([{ name, value, url }])
const page = await context.newPage()
await page.goto(url)
const row = page
  .getByRole('link', { name: chat })
  .or(page.getByRole('button', { name: chat }))
  .first()
await row.waitFor()
const log = page.getByRole('log')
const startedAt = Date.now()
await row.click()
await log.getByText('50000:').waitFor()
const openMs = Date.now() - startedAt

const result = await log.evaluate(async (element) => {
  const frames = []
  const seen = new Set()
  let last = performance.now()
  const until = last + 8_000
  while (last < until) {
    element.scrollTop -= 120
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const now = performance.now()
    frames.push(now - last)
    last = now
    if (frames.length % 20 > 0) continue
    for (const bubble of element.querySelectorAll('.bubble')) seen.add(Number.parseInt(bubble.textContent, 10))
  }
  const sorted = frames.toSorted((one, other) => one - other)
  const at = (share) => sorted[Math.floor(sorted.length * share)]
  return {
    frameMs: { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) },
    scrolledPast: seen.size,
    elementsInLog: element.querySelectorAll('*').length,
  }
})
console.log(JSON.stringify({ openMs, ...result }))
await browser.close()
