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

const cdp = await context.newCDPSession(page)
await cdp.send('Performance.enable')
await cdp.send('Profiler.enable')
const metrics = async () =>
  Object.fromEntries(
    (await cdp.send('Performance.getMetrics')).metrics
      .filter(({ name }) => /Duration|Count/.test(name))
      .map(({ name, value }) => [name, value]),
  )
const m0 = await metrics()
if (process.env.PROF) await cdp.send('Profiler.start')
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
    if (frames.length % 20 === 0)
      for (const [number] of element.textContent.matchAll(/\b\d{3,5}(?=: )/g)) seen.add(number)
  }
  const sorted = frames.toSorted((one, other) => one - other)
  const at = (share) => sorted[Math.floor(sorted.length * share)]
  return {
    frameMs: { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) },
    scrolledPast: seen.size,
    rowsInPage: element.querySelectorAll('*').length,
  }
})
const m1 = await metrics()
if (process.env.PROF) {
  const { profile } = await cdp.send('Profiler.stop')
  const self = {}
  const dt = profile.timeDeltas
  profile.samples.forEach((id, i) => {
    const n = profile.nodes.find((x) => x.id === id)
    const k =
      n.callFrame.functionName +
      ' ' +
      n.callFrame.url.split('/').pop() +
      ':' +
      n.callFrame.lineNumber +
      ':' +
      n.callFrame.columnNumber
    self[k] = (self[k] ?? 0) + dt[i] / 1000
  })
  for (const [k, v] of Object.entries(self)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 25))
    console.error(v.toFixed(0), k)
}
for (const k of Object.keys(m1)) {
  const d = m1[k] - m0[k]
  if (d) console.error(k, d.toFixed(3))
}
console.log(JSON.stringify({ openMs, ...result }))
await browser.close()
