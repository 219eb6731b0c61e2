import { connect, type Socket } from 'node:net'
import {
  buildFrame,
  openRawWebSocket,
  type RawWebSocket,
  type ServerFrame,
  upgradeRequest,
} from '../src/testing/raw-client.ts'
import { clientClaims, type Input, type Message, type Subprotocol, subprotocols } from './inputs.ts'
import { decodeFields } from './protobuf-wire.ts'
import { sign } from './tokens.ts'

/** What came of an input, for the table. */
export type Outcome = string

/** Whatever takes longer hangs: the machine may be busy, the service may not be stuck. */
const answerMaxMs = 20_000

/** Does one input to the service at `host`. Throws when the service does not answer as it has to. */
export async function runInput(input: Input, host: string): Promise<Outcome[]> {
  const sockets = new Set<Socket>()
  const hangs = Promise.withResolvers<never>()
  const timer = setTimeout(() => hangs.reject(new Error(`no answer within ${answerMaxMs} ms`)), answerMaxMs)
  try {
    return await Promise.race([hangs.promise, run(input, { host, port: Number(host.split(':')[1]), sockets })])
  } finally {
    clearTimeout(timer)
    for (const socket of sockets) socket.destroy()
  }
}

interface Target {
  host: string
  port: number
  /** All that were opened: closed when the input is done. */
  sockets: Set<Socket>
}

function run(input: Input, target: Target): Promise<Outcome[]> {
  if (input.kind === 'frames') return runFrames(input, target)
  return input.kind === 'bytes' ? runBytes(input, target) : runRequest(input, target)
}

async function open(subprotocol: Subprotocol, target: Target, recovery = ''): Promise<RawWebSocket> {
  const path = `/client/hubs/fuzz?access_token=${sign(clientClaims(target.host))}${recovery}`
  const headers = { Host: target.host, 'Sec-WebSocket-Protocol': subprotocols[subprotocol] }
  const webSocket = await openRawWebSocket(target.port, upgradeRequest(path, headers))
  target.sockets.add(webSocket.socket)
  return webSocket
}

/** Behind each frame goes a ping: the last pong tells which frame a connection ended at, the next one takes the rest. */
async function runFrames(input: Extract<Input, { kind: 'frames' }>, target: Target): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let left = input.frames
  while (left.length > 0) {
    const webSocket = await open(input.subprotocol, target)
    const { answered, first, closing } = await sayAll(webSocket, left)
    outcomes.push(...Array<Outcome>(answered).fill('taken'))
    left = left.slice(answered + 1)
    if (closing !== undefined) outcomes.push(closing)
    else await leave(webSocket, input, { target, first })
    webSocket.socket.destroy()
    target.sockets.delete(webSocket.socket)
  }
  return outcomes
}

interface Conversation {
  /** How many of the frames were taken, which the pongs behind them tell. */
  answered: number
  first: ServerFrame | undefined
  /** How the connection ended, if it did. */
  closing: Outcome | undefined
}

async function sayAll(webSocket: RawWebSocket, messages: Message[]): Promise<Conversation> {
  webSocket.socket.write(Buffer.concat(messages.flatMap(({ isText, payload }) => [toFrame(isText, payload), mark])))
  const conversation: Conversation = { answered: 0, first: undefined, closing: undefined }
  while (conversation.answered < messages.length) {
    const frame = await webSocket.nextFrame()
    conversation.first ??= frame
    if (!frame || frame.opcode === 8) return { ...conversation, closing: closingOf(frame) }
    if (frame.opcode === 10) conversation.answered++
  }
  return conversation
}

const toFrame = (isText: boolean, payload: Buffer) => buildFrame({ opcode: isText ? 1 : 2, payload })
const mark = buildFrame({ opcode: 9, payload: 'm' })

/** Codes that a client may bring upon itself. 1011 would be a fault of the service. */
const deserved = new Set([1000, 1002, 1003, 1007, 1008, 1009])

function closingOf(frame: ServerFrame | undefined): Outcome {
  if (!frame) return 'cut'
  const code = frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0)
  if (code !== 1005 && !deserved.has(code)) throw new Error(`closed with ${code} ${frame.payload.toString('utf8', 2)}`)
  return `closed ${code}`
}

interface Parting {
  target: Target
  /** The `connected` frame, where there is one. */
  first: ServerFrame | undefined
}

async function leave({ socket, nextFrame }: RawWebSocket, input: Extract<Input, { kind: 'frames' }>, parting: Parting) {
  if (input.leaves === 'politely') {
    socket.write(buildFrame({ opcode: 8, payload: Buffer.from([3, 232]) }))
    while (await nextFrame());
    return
  }
  socket.destroy()
  const isReliable = input.subprotocol.startsWith('reliable') && parting.first
  if (input.leaves === 'abruptly' || !isReliable) return
  const recovery = recoveryOf(isReliable.payload, isReliable.opcode === 2)
  const returned = await open(input.subprotocol, parting.target, recovery)
  const first = await returned.nextFrame()
  // its backlog may have been full by then
  if (first?.opcode === 8 || first === undefined) throw new Error('a recovery was answered without a frame')
  returned.socket.destroy()
}

type Identity = [connectionId: string | undefined, reconnectionToken: string | undefined]

function recoveryOf(connected: Buffer, isBinary: boolean): string {
  const [id = '', token = ''] = isBinary ? protobufIdentity(connected) : jsonIdentity(connected)
  return `&awps_connection_id=${id}&awps_reconnection_token=${token}`
}

function jsonIdentity(connected: Buffer): Identity {
  const frame = JSON.parse(connected.toString()) as Record<string, string> // a `connected` frame, of strings
  return [frame['connectionId'], frame['reconnectionToken']]
}

function protobufIdentity(connected: Buffer): Identity {
  const system = decodeFields(bytesOf(decodeFields(connected).get(3)))
  const details = decodeFields(bytesOf(system.get(1)))
  return [bytesOf(details.get(1)).toString(), bytesOf(details.get(3)).toString()]
}

const bytesOf = (field: number | Buffer | undefined) => (Buffer.isBuffer(field) ? field : Buffer.alloc(0))

/** After such bytes nobody can know what is expected: all that is asked is an end. */
async function runBytes({ subprotocol, bytes }: Extract<Input, { kind: 'bytes' }>, target: Target): Promise<Outcome[]> {
  const { socket, nextFrame } = await open(subprotocol, target)
  socket.end(bytes)
  for (;;) {
    const frame = await nextFrame()
    if (!frame || frame.opcode === 8) return [closingOf(frame)]
  }
}

/** A whole request has to be answered, any other one ended once nothing more can come. */
type HttpInput = Extract<Input, { kind: 'handshake' | 'rest' }>

async function runRequest({ bytes, hangsUp }: HttpInput, { port, sockets }: Target): Promise<Outcome[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  sockets.add(socket)
  if (hangsUp) {
    await new Promise((resolve) => socket.write(bytes, resolve))
    return ['hung up']
  }
  if (isWhole(bytes)) socket.write(bytes)
  else socket.end(bytes)
  const head = await readHead(socket)
  const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 'ended'
  if (serverFaults.has(status)) throw new Error(`answered with ${status}`)
  return [status]
}

/** 501, 503 and 505 have their places in HTTP. */
const serverFaults = new Set(['500', '502', '504'])

function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let head = ''
    const end = () => resolve(head)
    socket.on('end', end).on('close', end).on('error', end)
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1')
      if (head.includes('\r\n\r\n')) end()
    })
  })
}

/** Whether the bytes are one request whose end no server can doubt. */
function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = bytes.toString('latin1', 0, end)
  const lengths = [...head.matchAll(/content-length/gi)].length
  if (/transfer-encoding|expect/i.test(head) || lengths > 1) return false
  const [, length = '0'] = /\r\ncontent-length: (\d+)(?:\r\n|$)/i.exec(head) ?? []
  return (
    bytes.length - end - 4 === Number(length) && (lengths === 0) === (length === '0' && !/content-length/i.test(head))
  )
}
