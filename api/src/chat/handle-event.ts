import { type ClientEvent, type ClientEventName, type Failure, isClientEventName } from '@chatr/protocol'
import type { ConnectionContext, EventAnswer, UserEvent } from './chat-events.ts'
import { type Backend, type ChatContext, type Refusal, type Result, logError, refuse } from './context.ts'
import { createChat } from './create-chat.ts'
import { createPrivateChat } from './create-private-chat.ts'
import { deleteChat } from './delete-chat.ts'
import { joinChat } from './join-chat.ts'
import { leaveChat } from './leave-chat.ts'
import { markRead } from './mark-read.ts'
import { findRef, parseEvent, readPayload } from './parse-event.ts'
import { sendMessage } from './send-message.ts'
import { setIdle } from './set-idle.ts'
import { serverEvent } from './tell.ts'

type Handler<Name extends ClientEventName> = (data: ClientEvent<Name>, context: ChatContext) => Promise<Result>

/** All that a client can ask for. */
const handlers: { [Name in ClientEventName]: Handler<Name> } = {
  createChat,
  createPrivateChat,
  joinChat,
  leaveChat,
  deleteChat,
  userEnterIdle: (_, context) => setIdle(true, context),
  userExitIdle: (_, context) => setIdle(false, context),
  sendMessage,
  markRead,
}

/**
 * Answers an event of a client: with nothing when it is done, with `failed` when it is refused or something is broken.
 * Never rejects, for then Azure would drop the connection.
 */
export async function handleEvent(
  backend: Backend,
  connection: Pick<ConnectionContext, 'connectionId' | 'userId'>,
  { name, payload }: UserEvent,
): Promise<EventAnswer> {
  const data = readPayload(payload)
  const result = await attempt(backend, connection, { name, data })
  return result.ok ? {} : { reply: { dataType: 'json', data: failed(name, data, result.refusal) } }
}

interface Asked {
  name: string
  data: unknown
}

/** The one edge at which an outage becomes an answer. */
async function attempt(
  backend: Backend,
  { connectionId, userId }: Pick<ConnectionContext, 'connectionId' | 'userId'>,
  { name, data }: Asked,
): Promise<Result> {
  if (userId === undefined) return refuse('Forbidden', 'the connection belongs to no user')
  if (!isClientEventName(name)) return refuse('BadRequest', 'there is no such event')
  try {
    return await dispatch(name, data, { ...backend, userId, connectionId })
  } catch (error) {
    logError(backend, error, { at: 'event', name, userId, connectionId })
    return refuse('Unavailable', 'that did not work just now: try again')
  }
}

async function dispatch(name: ClientEventName, data: unknown, context: ChatContext): Promise<Result> {
  const parsed = parseEvent(name, data)
  if (!parsed.ok) return parsed
  // Name, data and handler belong together, which a lookup by name cannot tell the compiler.
  const handle = handlers[name] as Handler<ClientEventName>
  return handle(parsed.data, context)
}

function failed(event: string, data: unknown, { code, message }: Refusal) {
  const ref = findRef(data)
  const failure: Failure = { event, ...(ref === undefined ? {} : { ref }), code, message }
  return serverEvent('failed', failure)
}
