import type { Connection, Engine, Session } from './model.ts'
import { firstOf, newQueue, queued, queueLength, takeFirst } from './queue.ts'
import type { AckId, SequencedFrame, WireFrame } from './subprotocols/subprotocol.ts'

/** The reliable part of a new connection (spec 6). */
export const newSession = (): Session => ({
  reconnectionToken: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
  lastSequenceId: 0,
  unconfirmed: newQueue(),
  waiting: [],
  bytes: 0,
  detachedAt: undefined,
})

/**
 * Numbers a message and queues it, or keeps it for when the client is back. It stays until the client confirms it.
 * More than the limits of messages or bytes tell `onOverflow`: the connection is lost.
 */
export function deliver(
  connection: Connection,
  session: Session,
  { frame, expiresAt }: Delivery,
): WireFrame | undefined {
  const { engine } = connection.hub
  if (connection.hasEnded) return undefined
  session.bytes += frame.bytes
  let sent: WireFrame | undefined
  if (connection.socket) {
    sent = number(session, frame)
    engine.carrier.send(connection, connection.socket, sent)
  } else {
    session.waiting.push({ frame, expiresAt })
  }
  if (isFull(session, engine)) overflow(connection, session)
  return sent
}

/** Unless what nobody will fetch makes room. */
function overflow(connection: Connection, session: Session): void {
  const { engine } = connection.hub
  dropExpired(session, engine.clock())
  if (isFull(session, engine)) engine.onOverflow(connection)
}

/** The same for all who get a message. */
export interface Delivery {
  frame: SequencedFrame
  /** Milliseconds since 1970; infinite for what does not expire. Counts only while the client is away. */
  expiresAt: number
}

function number(session: Session, frame: SequencedFrame): WireFrame {
  const sequenceId = ++session.lastSequenceId
  session.unconfirmed.items.push(frame)
  return withSequence(frame, sequenceId)
}

/** Members of a group often count alike: what the one before got, in the same bytes, is made and framed once. */
const last: { frame: SequencedFrame | undefined; sequenceId: number; sent: WireFrame } = {
  frame: undefined,
  sequenceId: 0,
  sent: '',
}

function withSequence(frame: SequencedFrame, sequenceId: number): WireFrame {
  if (last.frame === frame && last.sequenceId === sequenceId) return last.sent
  last.frame = frame
  last.sequenceId = sequenceId
  last.sent = frame.withSequence(sequenceId)
  return last.sent
}

const isFull = ({ unconfirmed, waiting, bytes }: Session, { limits }: Engine) =>
  queueLength(unconfirmed) + waiting.length > limits.unconfirmedMaxMessages || bytes > limits.unconfirmedMaxBytes

/** Forgets what the client has, all up to `sequenceId`; a number that was never sent confirms all that was. */
export function confirm(session: Session, sequenceId: AckId): void {
  const { unconfirmed } = session
  let oldest = session.lastSequenceId - queueLength(unconfirmed) + 1
  for (let frame = firstOf(unconfirmed); frame && oldest <= sequenceId; frame = firstOf(unconfirmed)) {
    takeFirst(unconfirmed)
    session.bytes -= frame.bytes
    oldest++
  }
}

/** What nobody fetched in time. */
function dropExpired(session: Session, now: number): void {
  const kept = session.waiting.filter(({ expiresAt }) => expiresAt > now)
  if (kept.length === session.waiting.length) return
  session.waiting = kept
  session.bytes = bytesOf(queued(session.unconfirmed)) + bytesOf(kept.map(({ frame }) => frame))
}

const bytesOf = (frames: SequencedFrame[]) => frames.reduce((sum, { bytes }) => sum + bytes, 0)

/** What a client that came back has to be sent, in order: what it never confirmed, then what came meanwhile. */
export function replay(session: Session, now: number): WireFrame[] {
  const oldest = session.lastSequenceId - queueLength(session.unconfirmed) + 1
  const frames = queued(session.unconfirmed).map((frame, at) => frame.withSequence(oldest + at))
  dropExpired(session, now)
  for (const { frame } of session.waiting) frames.push(number(session, frame))
  session.waiting = []
  return frames
}
