import { describeError } from './log.ts'
import { type Content, contentOf, isEmpty } from './message.ts'
import type { Connection } from './model.ts'
import type { EventHandler, Payload } from './ports.ts'

/**
 * Raises a user event and waits for its answer; `failed` when there is no handler, it rejected, or what it answered
 * is no message (the last two are logged). A `state` in the answer is kept and given back with every later call.
 */
export async function raiseEvent(
  connection: Connection,
  name: string,
  payload: Payload | undefined,
): Promise<{ content: Content | undefined } | 'failed'> {
  const { handler } = connection.hub
  if (!handler || !payload) return 'failed'
  try {
    const { reply, state } = await handler.event(connection.context, { name, payload })
    const content = reply && readReply(reply)
    keepState(connection, state)
    return { content }
  } catch (error) {
    logFailure(connection, name, error)
    return 'failed'
  }
}

/** An empty body sends nothing (spec 10.3). */
function readReply(reply: Payload): Content | undefined {
  const content = contentOf(reply)
  if (!content) throw new TypeError('the reply is null, or not JSON')
  return isEmpty(content) ? undefined : content
}

function keepState(connection: Connection, state: string | undefined): void {
  if (state === undefined || state === connection.context.state) return
  connection.context = { ...connection.context, state: state === '' ? undefined : state }
}

/** Tells the backend that the client has its `connected` frame. Not waited for, but `disconnected` comes after it. */
export function announce(connection: Connection): void {
  connection.greeted = notify(connection, 'connected', (handler) => handler.connected(connection.context))
}

/** Tells the backend, once all its other calls for this connection are done, that the connection is gone. */
export async function bidFarewell(connection: Connection, reason: string): Promise<void> {
  await connection.greeted
  await untilIdle(connection)
  await notify(connection, 'disconnected', (handler) => handler.disconnected(connection.context, reason))
}

function untilIdle({ inbox }: Connection): Promise<void> {
  if (!inbox.isBusy) return Promise.resolve()
  return new Promise((resolve) => {
    inbox.onIdle = resolve
  })
}

type Notification = (handler: EventHandler) => Promise<void>

/** Resolves in any case: nobody could do anything about a lost notification but read the log. */
async function notify(connection: Connection, name: string, call: Notification): Promise<void> {
  const { handler } = connection.hub
  if (!handler) return
  try {
    await call(handler)
  } catch (error) {
    logFailure(connection, name, error)
  }
}

function logFailure({ hub, context }: Connection, name: string, error: unknown): void {
  const { connectionId } = context
  hub.engine.log({
    level: 'error',
    event: 'handlerFailed',
    hub: hub.name,
    connectionId,
    name,
    error: describeError(error),
  })
}
