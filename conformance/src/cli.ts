import { writeFileSync } from 'node:fs'
import { allCases } from './cases/all.ts'
import { knownDifferences } from './known-differences.ts'
import { isStrong } from './model.ts'
import { help, readOptions } from './options.ts'
import { formatMarkdown } from './report/markdown.ts'
import { formatSummary } from './report/terminal.ts'
import { run } from './run.ts'
import { packageVersions, runtime } from './versions.ts'

// an end by signal runs the exit handlers too, which take the service along
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
const exitCode = await main(process.argv.slice(2))
// timers of the official clients go on for a while after their stop(), and would keep the process waiting for nothing
process.stdout.write('', () => process.exit(exitCode))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stdout.write(`${options === 'help' ? help : options}\n`)
    return options === 'help' ? 0 : 2
  }
  const { only = '', json, markdown, isEachShown } = options
  const cases = allCases.filter(({ id, area }) => id.includes(only) || area.includes(only))
  if (cases.length === 0) {
    process.stdout.write(`--only ${only} names no case\n`)
    return 2
  }
  let done = 0
  const onResult = () => process.stderr.isTTY && process.stderr.write(`\r${++done} of ${cases.length} `)
  const { subject, results, ms } = await run({ ...options, cases, onResult })
  if (process.stderr.isTTY) process.stderr.write('\r')
  const report = { subject, runtime, packages: packageVersions(), ms: Math.round(ms), results }
  process.stdout.write(formatSummary(report, { isEachShown, hasColor: process.stdout.isTTY }))
  if (json) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  if (markdown) writeFileSync(markdown, formatMarkdown(report, knownDifferences))
  const isFailed = results.some(({ outcome, evidence }) => outcome.status === 'differs' && isStrong(evidence))
  return isFailed ? 1 : 0
}
