/**
 * The load of `durable.ts`, in a process of its own so that its work is not the server's. Signs people in, puts them into
 * chats, sends and times each message until its ack; prints one JSON line.
 */
import { percentile } from './process.ts'

interface Load {
  base: string
  senders: number
  membersPerChat: number
  /** Messages a sender has under way at the most. */
  inFlight: number
  /** Messages a second of all senders together; 0 is as fast as they are acknowledged. */
  rate: number
  seconds: number
}

interface Sender {
  socket: WebSocket
  chatId: string
  waiting: number
  lastAckId: number
  /** When each message under way was due, by ack id modulo the size. */
  dueAt: Float64Array
}

const load = JSON.parse(process.argv[2] ?? '{}') as Load
const ring = 4_096
const text = 'The quick brown fox jumps over the lazy dog, and says so in a hundred characters or so, as people do.'
const latencies: number[] = []
let sent = 0
let received = 0
let isMeasuring = false

async function signIn(name: string): Promise<string> {
  const body = new URLSearchParams({ name })
  const answer = await fetch(`${load.base}/.auth/login/guest`, { method: 'POST', body, redirect: 'manual' })
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

async function open(name: string, chatId: string): Promise<Sender> {
  const cookie = await signIn(name)
  const { url } = (await (await fetch(`${load.base}/api/getToken`, { headers: { cookie } })).json()) as { url: string }
  const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
  const sender: Sender = { socket, chatId, waiting: 0, lastAckId: 0, dueAt: new Float64Array(ring) }
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  socket.addEventListener('message', ({ data }) => hear(sender, String(data)))
  return sender
}

const ackStart = '{"type":"ack","ackId":'

function hear(sender: Sender, frame: string) {
  if (!frame.startsWith(ackStart)) {
    received++
    return
  }
  const ackId = Number.parseInt(frame.slice(ackStart.length), 10)
  if (!frame.includes('"success":true')) throw new Error(frame)
  sender.waiting--
  if (isMeasuring) latencies.push(performance.now() - (sender.dueAt[ackId % ring] ?? 0))
  if (load.rate === 0) send(sender, performance.now())
}

function send(sender: Sender, dueAt: number) {
  const ackId = ++sender.lastAckId
  sender.dueAt[ackId % ring] = dueAt
  sender.waiting++
  sent++
  const data = `{"chatId":"${sender.chatId}","id":"${Bun.randomUUIDv7()}","text":"${text}"}`
  sender.socket.send(`{"type":"event","event":"sendMessage","ackId":${ackId},"dataType":"json","data":${data}}`)
}

function ask(sender: Sender, event: string, data: object): Promise<void> {
  const ackId = ++sender.lastAckId
  sender.socket.send(JSON.stringify({ type: 'event', event, ackId, dataType: 'json', data }))
  return new Promise((resolve) => {
    const check = ({ data: frame }: MessageEvent) => {
      if (!String(frame).startsWith(`${ackStart}${ackId},`)) return
      sender.socket.removeEventListener('message', check)
      sender.waiting = 0
      resolve()
    }
    sender.socket.addEventListener('message', check)
  })
}

/** Sends what is due, every millisecond; what could not be sent in time counts from when it was due. */
function pace(senders: Sender[], startedAt: number): Timer {
  let due = 0
  return setInterval(() => {
    const target = Math.floor(((performance.now() - startedAt) / 1000) * load.rate)
    for (; due < target; due++) {
      const sender = senders[due % senders.length]
      if (sender) send(sender, startedAt + (due / load.rate) * 1000)
    }
  }, 1)
}

const senders: Sender[] = []
for (let n = 0; n < load.senders; n++) {
  const chatId = `bench-${Math.floor(n / load.membersPerChat)}`
  const sender = await open(`Sender ${n}`, chatId)
  const isFirst = n % load.membersPerChat === 0
  const asked = load.rate
  load.rate = 1 // while joining, an ack does not call for the next message
  if (isFirst) await ask(sender, 'createChat', { id: chatId, name: chatId })
  else await ask(sender, 'joinChat', { chatId })
  load.rate = asked
  senders.push(sender)
}

const startedAt = performance.now()
const timer = load.rate > 0 ? pace(senders, startedAt) : undefined
if (load.rate === 0)
  for (const sender of senders) for (let n = 0; n < load.inFlight; n++) send(sender, performance.now())

await Bun.sleep(1_000) // the first second warms up and is not counted
console.log('measuring')
isMeasuring = true
const from = { at: performance.now(), received, cpu: process.cpuUsage() }
await Bun.sleep(load.seconds * 1000)
isMeasuring = false
const elapsed = (performance.now() - from.at) / 1000
const cpu = process.cpuUsage(from.cpu)
if (timer) clearInterval(timer)

const sorted = Float64Array.from(latencies).sort()
console.log(
  JSON.stringify({
    acknowledged: sorted.length / elapsed,
    delivered: (received - from.received) / elapsed,
    sent,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    loadCores: (cpu.user + cpu.system) / 1e6 / elapsed,
  }),
)
process.exit(0)
