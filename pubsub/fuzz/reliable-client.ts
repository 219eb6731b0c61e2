import { buildFrame, openRawWebSocket, type RawWebSocket, upgradeRequest } from '../src/testing/raw-client.ts'
import type { Heard, ReliableDialect } from './reliable-dialects.ts'

/** All that a client has read so far. */
interface Seen {
  /** Texts of messages in the order of their first arrival; what came again is not in it. */
  texts: string[]
  /** Numbers of those messages. */
  sequenceIds: number[]
  /** A gap, a message that came again with other bytes, or whatever else must not be. */
  faults: string[]
  /** Acks by their id, as they came. */
  acks: Map<number, string[]>
}

/** A client that loses its socket and comes back, and remembers. */
export interface ReliableClient extends Seen {
  /** Connects, or comes back where it was before. Resolves when it heard `connected`; false if it was cut before. */
  open(): Promise<boolean>
  /** Reads until `isEnough`, or until the socket is gone: then false. */
  readUntil(isEnough: () => boolean): Promise<boolean>
  write(payload: Buffer): void
  close(): void
}

interface ReliableOptions {
  port: number
  path: string
  dialect: ReliableDialect
  /** Confirms every so many messages; 0: never. */
  confirmEach: number
}

export function createReliableClient({ port, path, dialect, confirmEach }: ReliableOptions): ReliableClient {
  const history = newHistory()
  let webSocket: RawWebSocket | undefined
  return { ...history.seen, open, readUntil, write, close: () => webSocket?.socket.destroy() }

  async function open(): Promise<boolean> {
    const request = upgradeRequest(`${path}${history.identity()}`, { 'Sec-WebSocket-Protocol': dialect.subprotocol })
    // a cut inside the answer to the handshake
    webSocket = await openRawWebSocket(port, request).catch(() => undefined)
    let hasConnected = false
    const onConnected = () => {
      hasConnected = true
    }
    return read(() => hasConnected, onConnected)
  }

  function readUntil(isEnough: () => boolean): Promise<boolean> {
    return read(isEnough, () => history.seen.faults.push('connected came twice on one socket'))
  }

  async function read(isEnough: () => boolean, onConnected: () => void): Promise<boolean> {
    while (!isEnough()) {
      const frame = await webSocket?.nextFrame()
      if (!frame) return false
      if (frame.opcode === 8) history.seen.faults.push(`closed with ${frame.payload.toString('hex')}`)
      if (frame.opcode !== dialect.opcode) continue
      const heard = dialect.hear(frame.payload)
      const isNew = history.note(heard, frame.payload.toString('hex'))
      if (heard.type === 'connected') onConnected()
      const isDue = confirmEach > 0 && heard.type === 'message' && heard.sequenceId % confirmEach === 0
      if (isNew && isDue) write(dialect.confirm(heard.sequenceId))
    }
    return true
  }

  function write(payload: Buffer): void {
    if (webSocket?.socket.writable) webSocket.socket.write(buildFrame({ opcode: dialect.opcode, payload }))
  }
}

/** What a client remembers across its sockets. */
function newHistory() {
  const seen: Seen = { texts: [], sequenceIds: [], faults: [], acks: new Map() }
  const frames = new Map<number, string>()
  let identity = ''
  return { seen, identity: () => identity, note }

  /** Whether it is a message that was not there before. */
  function note(heard: Heard, bytes: string): boolean {
    if (heard.type === 'connected')
      identity = `&awps_connection_id=${heard.connectionId}&awps_reconnection_token=${heard.reconnectionToken}`
    if (heard.type === 'ack') seen.acks.set(heard.ackId, [...(seen.acks.get(heard.ackId) ?? []), heard.outcome])
    return heard.type === 'message' && noteMessage(heard, bytes)
  }

  function noteMessage({ text, sequenceId }: Extract<Heard, { type: 'message' }>, bytes: string): boolean {
    const before = frames.get(sequenceId)
    if (before !== undefined && before !== bytes) seen.faults.push(`message ${sequenceId} came again with other bytes`)
    if (before !== undefined) return false
    frames.set(sequenceId, bytes)
    if (sequenceId !== frames.size) seen.faults.push(`message ${frames.size} is missing before ${sequenceId}`)
    seen.texts.push(text)
    seen.sequenceIds.push(sequenceId)
    return true
  }
}
