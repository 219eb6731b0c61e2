import { release, cpus, totalmem } from 'node:os'
import { aimsTable } from './aims.ts'
import type { AzureCell } from './azure.ts'
import { fixed, ms, tableOf, whole } from './format.ts'
import type { Cell, Row } from './rows.ts'
import type { Target } from './target.ts'

interface Results {
  rows: readonly Row[]
  azure: readonly AzureCell[]
  targets: readonly Target[]
  /** Of a delivered message, by target. */
  messageBytes: ReadonlyMap<string, number>
}

/** Everything that was measured, as Markdown. */
export function formatReport({ rows, azure, targets, messageBytes }: Results): string {
  const parts = [
    intro(targets, messageBytes),
    '## Aims',
    aimsTable(rows, azure),
    ...rows.map((row) => formatRow(row, targets)),
  ]
  if (azure.length > 0) parts.push(formatAzure(azure))
  return `${parts.join('\n\n')}\n`
}

const intro = (targets: readonly Target[], messageBytes: Results['messageBytes']) => `# Side by side

![](peers.svg)

Measured by \`make bench\` (\`bench/src/peers/main.ts\`) in one run on one machine: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}),
${whole(totalmem() / 2 ** 30)} GB, Linux ${release()}. Each server, with all its threads and processes, has the first core for itself; the load generator
(C, it counts frames by hopping over their heads) has the second, where also the backend of the webhook row runs. All talk over
loopback, uncompressed, without TLS. Texts are 100 bytes, in Azure's table 2 KB; every protocol adds its own envelope, the bare loop
that of \`pubsub/\`.

- The bare loop is the limit: one epoll loop in C that knows no payload, no permission and no acknowledgement, and writes ready-made
  frames as long as those of \`pubsub/\`: all that one wake-up brought to a group, in one write to each member.
- Closed loops: a send is complete when all members of its group have it; then the next member sends. All targets are connected at
  once and take turns in short rounds; values are medians, the ratio to the bare loop is taken within each round.
- \`reliable\` numbers and keeps each message until the client confirms it, as Microsoft's client does: every 300 messages, and once a second.
- CPU is seconds of the server's whole process tree a second, in user space and kernel. On loopback the sender's side also pays for the
  receiver's half of TCP. Latency is from the send (or from when it was due) to the arrival at a member.
- \`ws relay\` is written as a competent developer would: a Set for each group, frames made once, one write for each member and turn.
  Nchan gets a listening socket without Nagle's algorithm, which it leaves on; nats-server and Mosquitto get queues that do not cut off members.

${tableOf(
  ['target', 'version', 'bytes of a message'],
  targets.map(({ id, label, missing, version }) => {
    const installed = missing() === undefined ? version() : `not installed: \`${missing()}\``
    return [label, installed, whole(messageBytes.get(id) ?? Number.NaN)]
  }),
)}`

function formatRow({ id, title, unit, isCost, cells }: Row, targets: readonly Target[]): string {
  const labels = new Map([...targets.map(({ id, label }) => [id, label] as const), ['events', 'pubsub/']])
  const lines = [...labels].flatMap(([id, label]) => {
    const cell = cells.get(id)
    return cell ? [[label, ...formatCell(cell, isCost)]] : []
  })
  const head = isCost
    ? ['target', unit]
    : [
        'target',
        unit,
        'rounds from – to',
        'of the bare loop',
        'server CPU',
        'load CPU',
        `CPU µs each`,
        'p50 ms',
        'p99 ms',
        'p99.9 ms',
      ]
  const note = notes[id] === undefined ? '' : `\n\n${notes[id]}`
  return `## ${title}\n\n${tableOf(head, lines)}${note}`
}

const notes: Record<string, string> = {
  connects:
    'Each connection goes as far as its protocol must until it can be used: for `pubsub/` a signed token is checked and `connected` is read; the bare loop, Nchan and the relay have nothing to say.',
  rest: 'Each request of `pubsub/` carries a signed token of its own (20,000 different ones in turn). nats-server, Mosquitto, Socket.IO and a `ws` relay have no HTTP to publish by.',
  idle: 'Proportional memory (PSS) of all processes of the server, the least within six seconds, between the first fifth of the connections and all of them. The kernel’s buffers are not in it.',
}

function formatCell(cell: Cell, isCost: boolean | undefined): string[] {
  const { value, lowest, highest, ofBare, serverCores, loadCores, p50, p99, p999, fault } = cell
  const shown = fault === undefined ? whole(value) : `${whole(value)} (${fault})`
  if (isCost) return [shown]
  const eachUs = serverCores === undefined ? undefined : (serverCores / value) * 1e6
  const shares = [fixed(ofBare, 2), fixed(serverCores, 2), fixed(loadCores, 2), fixed(eachUs, 2)]
  return [shown, `${whole(lowest)} – ${whole(highest)}`, ...shares, latency(p50), latency(p99), latency(p999)]
}

/** Nothing was timed where it is zero. */
const latency = (value: number | undefined) => (value === 0 ? '–' : ms(value))

function formatAzure(cells: readonly AzureCell[]): string {
  const head = [
    'scenario',
    'unit',
    'connections',
    'in/s',
    'out/s',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'server CPU',
    'load CPU',
    'stalled ms',
    '99 % under 1 s',
  ]
  return `## Azure's published table

Rates, sizes and the rule of Azure's performance guide (2 KB messages; good when 99 % of them take less than a second), as an open loop:
what is late counts from when it was due. All on one core. \`stalled\` is the longest that the load generator itself had to wait for its
core: a machine that others use shows it there, and then a cell is tried up to three times and the calmest try counts.

${tableOf(head, cells.map(formatAzureCell))}`
}

function formatAzureCell({ scenario, unit, connections, inbound, outbound, sample, fault }: AzureCell): string[] {
  const about = [scenario, String(unit), whole(connections), whole(inbound), whole(outbound)]
  if (!sample) return [...about, '–', '–', '–', '–', '–', '–', `no: ${fault ?? 'nothing was measured'}`]
  const { p50, p99, p999, serverCpu, loadCpu, seconds, missing, skipped, refused, stalledMs } = sample
  const lost = missing + skipped + refused
  const verdict = lost > 0 ? `no: ${lost} lost` : p99 < 1_000 ? 'yes' : 'no'
  return [
    ...about,
    ms(p50),
    ms(p99),
    ms(p999),
    fixed(serverCpu / seconds, 2),
    fixed(loadCpu / seconds, 2),
    ms(stalledMs),
    verdict,
  ]
}
