import { defineConfig } from '@playwright/test'

/** Chromium as Debian packages it; the download that Playwright makes of its own is not needed. */
export default defineConfig({
  testDir: 'browser',
  outputDir: 'results',
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  // A shared machine may stall for seconds; a test that needs its second try is reported as flaky.
  retries: process.env['CI'] ? 1 : 0,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
})
