import { readFileSync } from 'node:fs'
import { run } from './run.ts'

const standardInput = 0

await run({
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  readStdin: () => readFileSync(standardInput, 'utf8'),
})
