import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { connect, join } from '@chatr/e2e/raw-client'
import { startChatr } from '@chatr/e2e/start-chatr'
import { until } from '@chatr/e2e/until'

export interface WallRow {
  messages: number
  /** From the click on the chat to its newest message on the screen. */
  openMs: number
  /** Time between two frames while scrolling back without pause, in milliseconds. */
  frameMs: { p50: number; p95: number; max: number }
  /** Messages that were drawn on the way. */
  scrolledPast: number
  /** Elements in the log at the end. */
  elementsInLog: number
}

const words = 'goat cheese lemon curd release batch jar wiki Tuesday coffee ship Llama'.split(' ')
const lineOf = (n: number) =>
  `${n}: ${Array.from({ length: 3 + (n % 17) }, (_, m) => words[(n * 7 + m * 3) % words.length]).join(' ')}`

/** Writes a chat of 50,000 messages and scrolls it in Chromium. */
export async function measureWall(messages = 50_000): Promise<WallRow> {
  const chatr = await startChatr()
  const ana = await join(chatr.url, 'Ana')
  const ben = await join(chatr.url, 'Ben')
  const chatId = 'wall'
  await ana.ask('createChat', { id: chatId, name: 'The wall' })
  await ben.ask('joinChat', chatId)
  await ben.close()
  const acks = () => ana.frames.filter(({ type }) => type === 'ack').length
  for (let n = 1; n <= messages; n++) {
    const data = { chatId, id: `m-${n}`, text: lineOf(n) }
    ana.send({ type: 'event', event: 'sendMessage', ackId: 1_000 + n, dataType: 'json', data })
    if (n % 500 > 0) continue
    await until(
      () => acks() >= 500,
      () => '500 acknowledgements',
    )
    ana.frames.length = 0
  }
  await ana.close()
  const reader = await connect(ben.session)
  await reader.ask('markRead', { chatId, pos: messages + 10 })
  await reader.close()

  const script = fileURLToPath(new URL('wall-browser.mjs', import.meta.url))
  const run = spawnSync('node', [script, chatr.url, ben.session.cookie, 'The wall'], { encoding: 'utf8' })
  await chatr.remove()
  if (run.status !== 0) throw new Error(run.stderr)
  return { messages, ...(JSON.parse(run.stdout) as Omit<WallRow, 'messages'>) }
}
