import { closeConnection } from './connection.ts'
import { handleFrame } from './handle-frame.ts'
import { describeError } from './log.ts'
import type { Connection, Inbox } from './model.ts'
import { closeReasons, type Parsed, type UpstreamFrame } from './subprotocols/subprotocol.ts'

/**
 * Takes what a client sent. Frames of one connection are handled one at a time and in order: while an event waits for
 * its handler, the next ones wait too, but for pings, which are answered at once.
 */
export function receive(connection: Connection, data: string | Uint8Array): void {
  if (connection.hasEnded) return
  connection.isAlive = true
  const { hub, subprotocol, inbox } = connection
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
  hub.counters.framesIn++
  hub.counters.bytesIn += bytes
  hub.engine.observer?.frame(connection, 'in', data)
  const parsed = bytes <= hub.engine.limits.messageMaxBytes ? subprotocol.parse(data) : tooLarge
  if (parsed.ok && cannotWait.has(parsed.frame.type)) handle(connection, parsed)
  else if (inbox?.isBusy) enqueue(connection, inbox, { parsed, bytes })
  else handle(connection, parsed)
}

/** What is answered, or counts, while an event of the same connection is still being handled. */
const cannotWait = new Set<UpstreamFrame['type']>(['ping', 'sequenceAck', 'cancelInvocation'])

const tooLarge: Parsed = { ok: false, close: closeReasons.tooLarge }

function enqueue(connection: Connection, inbox: Inbox, item: Inbox['waiting'][number]): void {
  const { limits, counters } = connection.hub.engine
  inbox.waiting.push(item)
  inbox.waitingBytes += item.bytes
  if (inbox.waiting.length <= limits.inboundMaxFrames && inbox.waitingBytes <= limits.inboundMaxBytes) return
  counters.floodingConnections++
  closeConnection(connection, closeReasons.flood)
}

function handle(connection: Connection, parsed: Parsed): void {
  if (!parsed.ok) {
    closeConnection(connection, parsed.close)
    return
  }
  const pending = begin(connection, parsed.frame)
  if (!pending) return
  const inbox = (connection.inbox ??= { isBusy: true, waiting: [], waitingBytes: 0, onIdle: undefined })
  inbox.isBusy = true
  void resume(connection, inbox, pending)
}

async function resume(connection: Connection, inbox: Inbox, pending: Promise<void>): Promise<void> {
  await pending
  next(connection, inbox)
}

/** The one catch of the frame loop: what a handler throws was answered before, so this is a fault of ours. */
function begin(connection: Connection, frame: UpstreamFrame): Promise<void> | undefined {
  try {
    const pending = handleFrame(connection, frame)
    return pending ? pending.catch((error: unknown) => fail(connection, error)) : undefined
  } catch (error) {
    fail(connection, error)
    return undefined
  }
}

/** After a close by the client, what he had sent before is still handled; after one by us the queue is empty. */
function next(connection: Connection, inbox: Inbox): void {
  inbox.isBusy = false
  while (!inbox.isBusy) {
    const item = inbox.waiting.shift()
    if (!item) break
    inbox.waitingBytes -= item.bytes
    handle(connection, item.parsed)
  }
  if (!inbox.isBusy) inbox.onIdle?.()
}

function fail(connection: Connection, error: unknown): void {
  const { hub, context } = connection
  const { connectionId } = context
  hub.engine.log({ level: 'error', event: 'frameFailed', hub: hub.name, connectionId, error: describeError(error) })
  closeConnection(connection, closeReasons.failed)
}
