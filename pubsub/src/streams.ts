import { forbidden } from './acks.ts'
import { publish } from './audience.ts'
import { wireLimits } from './limits.ts'
import { type Content, emptyText, type StreamError, type StreamInfo } from './message.ts'
import type { Connection, Engine, Stream } from './model.ts'
import { send } from './outbox.ts'
import { isAllowed } from './roles.ts'
import type { ControlFrames, ProtocolError, StreamFrame, WireFrame } from './subprotocols/subprotocol.ts'

type FrameOf<Type extends StreamFrame['type']> = Extract<StreamFrame, { type: Type }>

/** Begins a message that comes in pieces; the answer is an ack of the stream, or that it is closed (spec 5.6). */
export function startStream(connection: Connection, frame: FrameOf<'streamStart'>): void {
  const { streamId, group, noEcho, idleTimeoutMs = wireLimits.streamIdleTimeoutMs } = frame
  const open = connection.streams?.get(streamId)
  if (open) {
    restart(connection, open, group)
    return
  }
  const refusal = refuseStream(connection, frame)
  if (refusal) {
    answer(connection, (control) => control.formatStreamClosed(streamId, refusal))
    return
  }
  const { engine } = connection.hub
  const lastActiveAt = engine.clock()
  connection.streams ??= new Map()
  connection.streams.set(streamId, { streamId, group, noEcho, idleTimeoutMs, lastActiveAt, expectedSequenceId: 1 })
  engine.streaming.add(connection)
  answer(connection, (control) => control.formatStreamAck(streamId, 1))
}

/** Begun again, it goes on where it is; in another group it is over, because its publisher lost track of it. */
function restart(connection: Connection, stream: Stream, group: string): void {
  const { streamId, expectedSequenceId } = stream
  if (stream.group === group) {
    answer(connection, (control) => control.formatStreamAck(streamId, expectedSequenceId))
    return
  }
  const refusal = badRequest('A stream of this id was open in another group.')
  closeStream(connection, stream, { name: 'Cancelled', message: refusal.message })
  answer(connection, (control) => control.formatStreamClosed(streamId, refusal))
}

function refuseStream(
  { permissions, streams, hub }: Connection,
  frame: FrameOf<'streamStart'>,
): ProtocolError | undefined {
  const { group } = frame
  if (!isAllowed(permissions, 'sendToGroup', group)) return forbidden('send to', group)
  const { streamsPerConnectionMax } = hub.engine.limits
  if ((streams?.size ?? 0) < streamsPerConnectionMax) return undefined
  return badRequest(`The connection has ${streamsPerConnectionMax} streams open, the most allowed.`)
}

const badRequest = (message: string): ProtocolError => ({ name: 'BadRequest', message })
const notFound: ProtocolError = { name: 'StreamNotFound', message: 'There is no open stream of this id.' }

/** A piece is published when it is the next one; an earlier one was already, a later one has to wait for what is missing. */
export function continueStream(connection: Connection, { streamId, part }: FrameOf<'streamData'>): void {
  const stream = connection.streams?.get(streamId)
  if (!stream) {
    answer(connection, (control) => control.formatStreamClosed(streamId, notFound))
    return
  }
  stream.lastActiveAt = connection.hub.engine.clock()
  if (part) takePart(connection, stream, part)
}

interface Part {
  streamSequenceId: number
  content: Content
}

function takePart(connection: Connection, stream: Stream, { streamSequenceId, content }: Part): void {
  const { streamId, expectedSequenceId } = stream
  if (streamSequenceId > expectedSequenceId) {
    const message = `Expected the stream sequence id ${expectedSequenceId}, got ${streamSequenceId}.`
    const nack = { name: 'InvalidSequenceId', message, expectedSequenceId }
    answer(connection, (control) => control.formatStreamNack(streamId, nack))
    return
  }
  if (streamSequenceId === expectedSequenceId) {
    if (!isStillAllowed(connection, stream)) return
    stream.expectedSequenceId++
    publishPart(connection, stream, { content, info: { streamId, streamSequenceId } })
  }
  answer(connection, (control) => control.formatStreamAck(streamId, stream.expectedSequenceId))
}

/** The permission may have been revoked since the stream began. */
function isStillAllowed(connection: Connection, stream: Stream): boolean {
  if (isAllowed(connection.permissions, 'sendToGroup', stream.group)) return true
  const refusal = forbidden('send to', stream.group)
  closeStream(connection, stream, { name: 'Forbidden', message: refusal.message })
  answer(connection, (control) => control.formatStreamClosed(stream.streamId, refusal))
  return false
}

/** The publisher is done, or gave up. */
export function endStream(connection: Connection, { streamId, error }: FrameOf<'streamEnd'>): void {
  const stream = connection.streams?.get(streamId)
  if (stream) closeStream(connection, stream, error && { name: 'UserError', message: '', ...error })
  answer(connection, (control) => control.formatStreamClosed(streamId, stream ? undefined : notFound))
}

/** Nobody will continue them: the subscribers learn it. */
export function cancelStreams(connection: Connection): void {
  const error: StreamError = { name: 'Cancelled', message: 'The connection of the publisher ended.' }
  for (const stream of connection.streams?.values() ?? []) closeStream(connection, stream, error)
}

/** Ends the streams whose publishers were silent for longer than they said. Called by the watch. */
export function endIdleStreams({ streaming, clock }: Engine): void {
  const now = clock()
  for (const connection of streaming) {
    for (const stream of connection.streams?.values() ?? []) {
      if (now - stream.lastActiveAt < stream.idleTimeoutMs) continue
      const error = { name: 'IdleTimeout', message: `The stream was idle for ${stream.idleTimeoutMs} ms.` } as const
      closeStream(connection, stream, error)
      answer(connection, (control) => control.formatStreamClosed(stream.streamId, error))
    }
  }
}

/** The last piece has the next number, and a payload that every receiver can read: without one none sees the end. */
function closeStream(connection: Connection, stream: Stream, error: StreamError | undefined): void {
  connection.streams?.delete(stream.streamId)
  if (connection.streams?.size === 0) connection.hub.engine.streaming.delete(connection)
  const { streamId, expectedSequenceId: streamSequenceId } = stream
  const info: StreamInfo = { streamId, streamSequenceId, endOfStream: true, ...(error && { error }) }
  publishPart(connection, stream, { content: emptyText, info })
}

function publishPart(
  connection: Connection,
  stream: Stream,
  { content, info }: { content: Content; info: StreamInfo },
): void {
  const { hub, context } = connection
  const { group, noEcho } = stream
  const audience = hub.groups.get(group)
  if (!audience) return
  const message = { from: 'group', group, fromUserId: context.userId, content, stream: info } as const
  publish(audience, noEcho ? { message, excluded: new Set([connection]) } : { message })
}

function answer(connection: Connection, format: (control: ControlFrames) => WireFrame): void {
  const { control } = connection.subprotocol
  if (control) send(connection, format(control))
}
