import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type RunningChatr, startChatr } from '@chatr/e2e/start-chatr'
import { cpuSeconds } from './process.ts'

export interface DurableRow {
  what: string
  acknowledged: number
  delivered: number
  p50: number
  p99: number
  p999: number
  serverCores: number
  loadCores: number
}

const scenarios = [
  { what: '100 senders, chats of 2, as fast as acknowledged (16 under way each)', membersPerChat: 2, rate: 0 },
  { what: '100 senders, chats of 2, 10,000 a second', membersPerChat: 2, rate: 10_000 },
  { what: '100 senders, chats of 10, 2,500 a second', membersPerChat: 10, rate: 2_500 },
  { what: '100 senders, one chat of 100, 300 a second', membersPerChat: 100, rate: 300 },
]

/** Messages through the WebSocket, each acknowledged after its commit (SQLite, `synchronous=FULL`). */
export async function measureDurable(seconds = 8): Promise<DurableRow[]> {
  const rows: DurableRow[] = []
  for (const { what, membersPerChat, rate } of scenarios) {
    const chatr = await startChatr()
    rows.push({ what, ...(await runLoad(chatr, { senders: 100, membersPerChat, inFlight: 16, rate, seconds })) })
    await chatr.remove()
  }
  return rows
}

function runLoad(
  chatr: RunningChatr,
  load: { seconds: number } & Record<string, number>,
): Promise<Omit<DurableRow, 'what'>> {
  const script = fileURLToPath(new URL('durable-load.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify({ base: chatr.url, ...load })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  let before = 0
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('measuring') && before === 0) before = cpuSeconds(chatr.pid)
      const line = /^\{.*\}$/m.exec(printed)?.[0]
      if (!line) return
      const result = JSON.parse(line) as Omit<DurableRow, 'what' | 'serverCores'>
      resolve({ ...result, serverCores: (cpuSeconds(chatr.pid) - before) / load.seconds })
    })
    child.once('exit', (code) => reject(new Error(`the load ended with ${code}: ${printed}`)))
  })
}
