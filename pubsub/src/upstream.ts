import { timeUpstream, type UpstreamOutcome } from './counters.ts'
import { describeError } from './log.ts'
import { type Content, contentOf, emptyText, isEmpty, type Metadata, payloadOf } from './message.ts'
import type { Connection, Hub } from './model.ts'
import type { ConnectionContext, EventAnswer, EventHandler, Payload, SystemEvent } from './ports.ts'

interface RaisedEvent {
  name: string
  content: Content
  metadata: Metadata | undefined
}

/** What goes back to the client, if anything. */
interface Answer {
  content: Content | undefined
  metadata: Metadata | undefined
}

/**
 * Raises a user event and waits for its answer; `failed` when there is no handler, it rejected, or what it answered
 * is no message (the last two are logged). A `state` in the answer is kept and given back with every later call.
 */
export async function raiseEvent(connection: Connection, event: RaisedEvent): Promise<Answer | 'failed'> {
  const { settings, counters } = connection.hub
  const finish = timeUpstream(counters)
  let outcome: UpstreamOutcome = 'succeeded'
  try {
    if (!settings.handler) {
      outcome = 'unhandled'
      return 'failed'
    }
    const answer = await ask(settings.handler, connection.context, event)
    const read = readAnswer(answer)
    keepState(connection, answer.state)
    return read
  } catch (error) {
    outcome = isUnhandled(error) ? 'unhandled' : 'failed'
    if (outcome === 'failed') logFailure(connection, event.name, error)
    return 'failed'
  } finally {
    finish(outcome)
  }
}

const ask = (handler: EventHandler, context: ConnectionContext, { name, content, metadata }: RaisedEvent) =>
  handler.event(context, { name, payload: payloadOf(content), ...(metadata && { metadata }) })

/** A handler with several targets may have none for an event: that is a matter of settings, not a fault. */
const isUnhandled = (error: unknown) => error instanceof Error && error.name === 'EventHandlerNotFound'

/** An empty body sends nothing, but with metadata (spec 10.3). */
function readAnswer({ reply, metadata }: EventAnswer): Answer {
  const content = reply ? requireContent(reply) : undefined
  if (metadata && Object.keys(metadata).length > 0) return { content: content ?? emptyText, metadata }
  return { content: content && !isEmpty(content) ? content : undefined, metadata: undefined }
}

function requireContent(reply: Payload): Content {
  const content = contentOf(reply)
  if (!content) throw new TypeError('the reply is null, or not JSON')
  return content
}

function keepState(connection: Connection, state: string | undefined): void {
  if (state === undefined || state === connection.context.state) return
  connection.context = { ...connection.context, state: state === '' ? undefined : state }
}

/** Tells the backend that the client has its `connected` frame. Not waited for, but `disconnected` comes after it. */
export function announce(connection: Connection): void {
  if (!connection.hub.settings.handler) return
  connection.greeted = notify(connection, 'connected', (handler) => handler.connected(connection.context))
}

/** Tells the backend, once all its other calls for this connection are done, that the connection is gone. */
export async function bidFarewell(connection: Connection, reason: string): Promise<void> {
  await connection.greeted
  await untilIdle(connection)
  await notify(connection, 'disconnected', (handler) => handler.disconnected(connection.context, reason))
}

async function untilIdle(connection: Connection): Promise<void> {
  while (isBusy(connection)) {
    const inbox = (connection.inbox ??= { isBusy: false, waiting: [], waitingBytes: 0, onIdle: undefined })
    await new Promise<void>((resolve) => {
      inbox.onIdle = resolve
    })
  }
}

const isBusy = ({ inbox, invocations }: Connection) => inbox?.isBusy === true || (invocations?.size ?? 0) > 0

type Notification = (handler: EventHandler) => Promise<void>

/** Resolves in any case: nobody could do anything about a lost notification but read the log. */
async function notify(connection: Connection, name: SystemEvent, call: Notification): Promise<void> {
  const { settings } = connection.hub
  if (!settings.handler) return
  const finish = timeSystemEvent(connection.hub, name)
  let outcome: UpstreamOutcome = 'succeeded'
  try {
    await call(settings.handler)
  } catch (error) {
    outcome = 'failed'
    logFailure(connection, name, error)
  } finally {
    finish(outcome)
  }
}

/** Counts the call once it is over, if anybody takes this event. */
export const timeSystemEvent = ({ settings, counters }: Hub, name: SystemEvent) =>
  settings.handler?.systemEvents?.has(name) === false ? () => {} : timeUpstream(counters)

function logFailure({ hub, context }: Connection, name: string, error: unknown): void {
  const { connectionId } = context
  const details = { hub: hub.name, connectionId, name, error: describeError(error) }
  hub.engine.log({ level: 'error', event: 'handlerFailed', ...details })
}
