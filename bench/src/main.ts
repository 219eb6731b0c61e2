/** `make bench`: everything the README says in numbers, measured here and now, as a table. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { signIn } from '@chatr/e2e/raw-client'
import { startChatr } from '@chatr/e2e/start-chatr'
import { measureDurable } from './durable.ts'
import { measureFirstLoad } from './first-load.ts'
import { measureStart } from './start.ts'
import { measureWall } from './wall.ts'

const round = (value: number, digits = 0) =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })

const start = await measureStart()
const chatr = await startChatr()
const load = await measureFirstLoad(chatr.url, (await signIn(chatr.url, 'Ana')).cookie)
await chatr.remove()
const durable = await measureDurable()
const wall = await measureWall()

const report = `# One machine

Measured by \`make bench\` on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Bun ${Bun.version}, the load beside the server on the
same cores. Shared machines are noisy: run it twice, and compare only within one run.

| what | measured |
| --- | --- |
| process start to first page | ${round(start.firstPageMs.median)} ms median, ${round(start.firstPageMs.max)} ms worst of 7 |
| memory at rest, nobody there | ${round(start.atRestMb)} MB resident |
| first load of the client, compressed | ${round(load.totalKb, 1)} kB in ${load.files.length} files |
| a chat of ${round(wall.messages)} messages opens in | ${round(wall.openMs)} ms |
| scrolling it back without pause | ${round(wall.frameMs.p50, 1)} ms a frame at the median, ${round(wall.frameMs.p95, 1)} at p95, ${round(wall.frameMs.max, 1)} worst; ${round(wall.scrolledPast)} messages in 8 s, ${round(wall.elementsInLog)} elements in the log |

Messages through the WebSocket, each acknowledged after its commit (SQLite, WAL, \`synchronous=FULL\`). Times run from when a
message was due to its acknowledgement.

| load | acknowledged/s | delivered/s | p50 ms | p99 ms | p99.9 ms | server cores | load cores |
| --- | --- | --- | --- | --- | --- | --- | --- |
${durable.map((row) => `| ${row.what} | ${round(row.acknowledged)} | ${round(row.delivered)} | ${round(row.p50, 1)} | ${round(row.p99, 1)} | ${round(row.p999, 1)} | ${round(row.serverCores, 2)} | ${round(row.loadCores, 2)} |`).join('\n')}
`
const folder = new URL('../results/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('one-machine.md', folder), report)
console.log(report)
process.exit(0)
