/**
 * `bun bench/src/peers/main.ts [--quick] [--rows big-16,idle] [--targets bare,pubsub] [--output <folder>]`: measures `pubsub/`,
 * its physical limit and its peers side by side. A whole run takes about a quarter of an hour and writes
 * `bench/results/peers.md` and `peers.svg`; a part of it is only printed, unless `--output` names a folder.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureAzure } from './azure.ts'
import { buildPrograms } from './build.ts'
import { measureConnects, measureIdle } from './connections.ts'
import { measureGroups } from './groups.ts'
import { measureEvents, measureRest } from './http-rows.ts'
import { formatPlot } from './plot.ts'
import { cores, pinSelf } from './processes.ts'
import { formatReport } from './report.ts'
import type { Kit } from './session.ts'
import { targets as allTargets } from './targets/all.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    targets: { type: 'string' },
    output: { type: 'string' },
  },
})
const listOf = (text: string | undefined) => text?.split(',')
const isPart = flags.quick || flags.rows !== undefined || flags.targets !== undefined
const wantedRows = listOf(flags.rows)
const wantedTargets = listOf(flags.targets)
const targets = allTargets.filter(({ id }) => wantedTargets?.includes(id) ?? true)

const folder = mkdtempSync(join(tmpdir(), 'chatr-bench-'))
const startedAt = performance.now()
const kit: Kit = {
  folder,
  programs: buildPrograms(folder),
  targets,
  isQuick: flags.quick,
  wants: (row) => wantedRows?.includes(row) ?? true,
  messageBytes: new Map(),
  tell: (progress) =>
    console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${progress}`),
}
pinSelf(cores.load)

try {
  const rows = [
    ...(await measureGroups(kit)),
    ...(await measureIdle(kit)),
    ...(await measureConnects(kit)),
    ...(await measureRest(kit)),
    ...(await measureEvents(kit)),
  ]
  const report = formatReport({ rows, azure: await measureAzure(kit), targets, messageBytes: kit.messageBytes })
  console.log(report)
  const output = flags.output ?? (isPart ? undefined : fileURLToPath(new URL('../../results/', import.meta.url)))
  if (output !== undefined) {
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, 'peers.md'), report)
    writeFileSync(join(output, 'peers.svg'), formatPlot(rows, targets))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
