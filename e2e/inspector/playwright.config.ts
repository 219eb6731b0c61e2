import { defineConfig } from '@playwright/test'
import base from '../playwright.config.ts'

/** The same browser and patience as the chat's; the page under test is the one inside the pub/sub service. */
export default defineConfig({ ...base, testDir: '.', outputDir: '../results/inspector' })
