import { parseArgs } from 'node:util'
import { type FuzzReport, fuzz } from './fuzz.ts'

const usage = `Usage: npx bun pubsub/fuzz/main.ts [--mutations 1000000] [--seed N] [--seconds 1800]

Does mutated frames, handshakes and REST requests to a service in a process of its own, and fails if it crashes, hangs,
grows, writes an error, or if honest clients notice anything. The same seed does the same again.`

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seconds: { type: 'string', default: '1800' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const numbers = { mutations: Number(values.mutations), seed: Number(values.seed), maxSeconds: Number(values.seconds) }
const wrong = Object.entries(numbers).find(([, number]) => !Number.isSafeInteger(number) || number < 1)
if (wrong) {
  console.error(`--${wrong[0]} is to be a whole number from 1 on.\n\n${usage}`)
  process.exit(2)
}
const report = await fuzz({ ...numbers, onProgress: (done) => console.error(`${done} mutations`) })
print(report)
process.exit(report.failures.length === 0 ? 0 : 1)

function print({ outcomes, warm, end, failures, ...totals }: FuzzReport): void {
  const { seed, mutations, seconds, canaryMessages, canarySlowestMs } = totals
  for (const [kind, counts] of outcomes) {
    console.log(`\n${kind}`)
    console.table(Object.fromEntries([...counts].toSorted(([, one], [, other]) => other - one)))
  }
  const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(1)
  console.table({
    seed,
    mutations,
    seconds: seconds.toFixed(1),
    'mutations per second': Math.round(mutations / seconds),
    'connections opened': end.opened,
    recoveries: end.recoveries,
    'frames that the service read': end.framesIn,
    'canary messages, all in order': canaryMessages,
    'slowest canary message, ms': Math.round(canarySlowestMs),
    'memory warm, MiB': mebibytes(warm.rssBytes),
    'memory at the end, MiB': mebibytes(end.rssBytes),
    'heap warm, MiB': mebibytes(warm.heapBytes),
    'heap at the end, MiB': mebibytes(end.heapBytes),
    result: failures.length === 0 ? 'passed' : `${failures.length} failures`,
  })
  for (const failure of failures) console.log(`\nFAILED with seed ${seed}: ${failure}`)
}
