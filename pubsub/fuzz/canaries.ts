import { subprotocols } from './inputs.ts'
import { decodeFields, encodeFields, type Field } from './protobuf-wire.ts'
import { farAway, sign } from './tokens.ts'

/** Honest clients that talk to each other all the time and must not notice anything. */
export interface Canaries {
  /** The first thing that was not as it must be, if any. */
  fault(): string | undefined
  /** Messages that were received. */
  received(): number
  /** The longest time that one waited for its own message, in milliseconds. */
  slowestMs(): number
  /** Resolves when the last message of each has come back to all, or something was wrong. */
  stop(): Promise<void>
}

const species = ['json', 'reliable json', 'protobuf'] as const
type Species = (typeof species)[number]
const group = 'canaries'
/** Between a message's return and the next one. */
const pauseMs = 10

/** What a canary hears: a message `<species>:<number>`, or that it is connected. */
type Heard =
  | { type: 'message'; text: string; sequenceId: number | undefined }
  | { type: 'connected' }
  | { type: 'other' }

interface Dialect {
  send(number: number, text: string): string | Uint8Array<ArrayBuffer>
  /** Only for the reliable. */
  confirm?: (sequenceId: number) => string
  hear(data: string | ArrayBuffer): Heard
}

const plainJson: Dialect = {
  send: (number, text) => JSON.stringify({ type: 'sendToGroup', group, ackId: number, dataType: 'text', data: text }),
  hear(data) {
    const frame = JSON.parse(typeof data === 'string' ? data : '{}') as Record<string, unknown> // every frame is an object
    if (frame['type'] === 'message') {
      const { sequenceId } = frame
      return {
        type: 'message',
        text: String(frame['data']),
        sequenceId: typeof sequenceId === 'number' ? sequenceId : undefined,
      }
    }
    if (frame['type'] === 'ack' && frame['success'] !== true) throw new Error(`an ack failed: ${JSON.stringify(frame)}`)
    return { type: frame['event'] === 'connected' ? 'connected' : 'other' }
  },
}

const dialects: Record<Species, Dialect> = {
  json: plainJson,
  'reliable json': { ...plainJson, confirm: (sequenceId) => JSON.stringify({ type: 'sequenceAck', sequenceId }) },
  protobuf: {
    send: (number, text) =>
      new Uint8Array(
        encodeFields([
          [
            1,
            [
              [1, group],
              [2, number],
              [3, [[1, text]]],
            ] satisfies Field[],
          ],
        ]),
      ),
    hear(data) {
      if (typeof data === 'string') throw new TypeError('a text for a protobuf client')
      const frame = decodeFields(Buffer.from(data))
      const message = frame.get(2)
      if (!Buffer.isBuffer(message)) return { type: frame.has(3) ? 'connected' : 'other' }
      const content = decodeFields(message).get(3)
      const text = Buffer.isBuffer(content) ? decodeFields(content).get(1) : undefined
      return { type: 'message', text: String(text), sequenceId: undefined }
    },
  },
}

/** What all of them share. */
interface Flock {
  fault: string | undefined
  received: number
  slowestMs: number
  isStopping: boolean
  numbers: Map<Species, number>
}

/** Resolves when all are there and the first messages went round. */
export async function startCanaries(host: string): Promise<Canaries> {
  const flock: Flock = { fault: undefined, received: 0, slowestMs: 0, isStopping: false, numbers: new Map() }
  const ready = species.map(() => Promise.withResolvers<void>())
  const birds = species.map((name, at) => hatch({ name, host, flock, hasConnected: () => ready[at]?.resolve() }))
  await Promise.all(ready.map(({ promise }) => promise))
  for (const bird of birds) bird.sing()
  return {
    fault: () => flock.fault ?? birds.map((bird) => bird.silence()).find((fault) => fault !== undefined),
    received: () => flock.received,
    slowestMs: () => flock.slowestMs,
    async stop() {
      flock.isStopping = true
      while (flock.fault === undefined && birds.some((bird) => bird.isWaiting(flock.numbers))) await Bun.sleep(1)
      for (const bird of birds) bird.close()
    },
  }
}

interface Egg {
  name: Species
  host: string
  flock: Flock
  hasConnected: () => void
}

/** How long nothing may come: longer than any garbage collection, shorter than a patient tester. */
const silenceMaxMs = 15_000

function connect(name: Species, host: string): WebSocket {
  const aud = `http://${host}/client/hubs/canary`
  const claims = { aud, exp: farAway, sub: name, role: ['webpubsub.sendToGroup'], 'webpubsub.group': [group] }
  const socket = new WebSocket(`ws://${host}/client/hubs/canary?access_token=${sign(claims)}`, subprotocols[name])
  socket.binaryType = 'arraybuffer'
  return socket
}

function hatch({ name, host, flock, hasConnected }: Egg) {
  const dialect = dialects[name]
  const socket = connect(name, host)
  const heard = new Map<string, number>()
  let [sentAt, lastAt, sequenceId] = [performance.now(), performance.now(), 0]
  const fail = (fault: string) => {
    if (!flock.isStopping || isWaiting(flock.numbers)) flock.fault ??= `${name}: ${fault}`
  }
  socket.addEventListener('close', ({ code, reason }) => fail(`closed with ${code} ${reason}`))
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    try {
      listen(dialect.hear(data))
    } catch (error) {
      fail(String(error))
    }
  })
  return { sing, isWaiting, silence, close: () => socket.close() }

  function sing(): void {
    if (flock.isStopping || socket.readyState !== WebSocket.OPEN) return
    const number = (flock.numbers.get(name) ?? 0) + 1
    flock.numbers.set(name, number)
    sentAt = performance.now()
    socket.send(dialect.send(number, `${name}:${number}`))
  }

  function listen(frame: Heard): void {
    lastAt = performance.now()
    if (frame.type === 'connected') hasConnected()
    if (frame.type !== 'message') return
    flock.received++
    const [singer = '', number = ''] = frame.text.split(':')
    const expected = (heard.get(singer) ?? 0) + 1
    if (Number(number) !== expected) fail(`expected ${singer}:${expected}, got ${frame.text.slice(0, 100)}`)
    heard.set(singer, expected)
    if (dialect.confirm) confirm(frame.sequenceId)
    if (singer === name) pause()
  }

  function confirm(received: number | undefined): void {
    sequenceId++
    if (received !== sequenceId) fail(`expected sequence id ${sequenceId}, got ${received}`)
    if (sequenceId % 50 === 0) socket.send(dialect.confirm?.(sequenceId) ?? '')
  }

  function pause(): void {
    flock.slowestMs = Math.max(flock.slowestMs, performance.now() - sentAt)
    setTimeout(sing, pauseMs)
  }

  function isWaiting(numbers: Map<Species, number>): boolean {
    return species.some((singer) => (heard.get(singer) ?? 0) < (numbers.get(singer) ?? 0))
  }

  function silence(): string | undefined {
    const silentMs = performance.now() - lastAt
    return silentMs > silenceMaxMs ? `${name}: nothing came for ${Math.round(silentMs)} ms` : undefined
  }
}
