import { publish } from './audience.ts'
import { closeConnection } from './connection.ts'
import { joinGroup, leaveGroup } from './hub.ts'
import type { Message } from './message.ts'
import type { Connection } from './model.ts'
import { send } from './outbox.ts'
import { isAllowed, type PermissionName } from './roles.ts'
import type { AckError, AckId, UpstreamFrame } from './subprotocols/subprotocol.ts'
import { closeReasons } from './subprotocols/subprotocol.ts'
import { raiseEvent } from './upstream.ts'

type FrameOf = { [Type in UpstreamFrame['type']]: Extract<UpstreamFrame, { type: Type }> }
type FrameHandlers = {
  [Type in UpstreamFrame['type']]: (connection: Connection, frame: FrameOf[Type]) => Promise<void> | undefined
}

const frameHandlers: FrameHandlers = {
  joinGroup: (connection, frame) =>
    act(connection, frame, {
      permission: 'joinLeaveGroup',
      verb: 'join',
      perform: () => joinGroup(connection, frame.group),
    }),
  leaveGroup: (connection, frame) =>
    act(connection, frame, {
      permission: 'joinLeaveGroup',
      verb: 'leave',
      perform: () => leaveGroup(connection, frame.group),
    }),
  sendToGroup: (connection, frame) =>
    act(connection, frame, {
      permission: 'sendToGroup',
      verb: 'send to',
      perform: () => publishToGroup(connection, frame),
    }),
  event: (connection, frame) => (isRepeated(connection, frame.ackId) ? undefined : handleEvent(connection, frame)),
  /** Answered before it gets here, because it must not wait. */
  ping: () => undefined,
  /** Only reliable connections keep what could be confirmed; from others it is taken and ignored (spec 6.1). */
  sequenceAck: () => undefined,
}

/** Does what a frame asks. A promise means that the next frame of this connection has to wait for it. */
export function handleFrame(connection: Connection, frame: UpstreamFrame): Promise<void> | undefined {
  // the table pairs each type with its handler, which TypeScript cannot see through a union
  const handler = frameHandlers[frame.type] as (
    connection: Connection,
    frame: UpstreamFrame,
  ) => Promise<void> | undefined
  return handler(connection, frame)
}

interface GroupOperation {
  permission: PermissionName
  /** As the refusal words it. */
  verb: string
  perform: () => void
}

/** Runs an operation on a group, once per ackId and if it is permitted, and acknowledges it. */
function act(connection: Connection, { group, ackId }: GroupFrame, operation: GroupOperation): undefined {
  if (isRepeated(connection, ackId)) return
  const isPermitted = isAllowed(connection.permissions, operation.permission, group)
  if (isPermitted) operation.perform()
  acknowledge(connection, ackId, isPermitted ? undefined : forbidden(operation.verb, group))
}

type GroupFrame = FrameOf['joinGroup' | 'leaveGroup' | 'sendToGroup']

const forbidden = (verb: string, group: string): AckError => ({
  name: 'Forbidden',
  message: `The client does not have permission to ${verb} group '${group}'.`,
})

function publishToGroup(connection: Connection, frame: FrameOf['sendToGroup']): void {
  const { hub, context } = connection
  const audience = hub.groups.get(frame.group)
  if (!audience) return
  const { group, content, metadata } = frame
  const message: Message = { from: 'group', group, fromUserId: context.userId, content, metadata }
  publish(hub.engine, audience, frame.noEcho ? { message, excluded: new Set([connection]) } : { message })
}

/** The reply goes out before the ack (spec 5.2). */
async function handleEvent(connection: Connection, frame: FrameOf['event']): Promise<void> {
  const outcome = await raiseEvent(connection, frame.event, frame.payload)
  if (outcome === 'failed') {
    failEvent(connection, frame.ackId)
    return
  }
  const { content } = outcome
  if (content) send(connection, connection.subprotocol.encoding.formatMessage({ from: 'server', content }))
  acknowledge(connection, frame.ackId)
}

const internalError: AckError = { name: 'InternalServerError', message: 'Internal server error' }

/** A client with acks learns it from the ack and stays connected; a simple client can only be closed (spec 10.3). */
function failEvent(connection: Connection, ackId: AckId | undefined): void {
  if (connection.subprotocol.control) acknowledge(connection, ackId, internalError)
  else closeConnection(connection, closeReasons.failed)
}

/** An ackId that succeeded before is not executed again, and the client is told so. */
function isRepeated(connection: Connection, ackId: AckId | undefined): boolean {
  if (ackId === undefined || !connection.acked.has(ackId)) return false
  sendAck(connection, ackId, { name: 'Duplicate', message: `Message with ack-id: ${ackId} has been processed` })
  return true
}

/** Without an ackId nobody asked. A failed id is not remembered: it may be tried again. */
function acknowledge(connection: Connection, ackId: AckId | undefined, error?: AckError): void {
  if (ackId === undefined) return
  if (!error) remember(connection, ackId)
  sendAck(connection, ackId, error)
}

function remember({ acked, hub }: Connection, ackId: AckId): void {
  acked.add(ackId)
  if (acked.size <= hub.engine.limits.ackCacheSize) return
  const [oldest] = acked
  if (oldest !== undefined) acked.delete(oldest)
}

function sendAck(connection: Connection, ackId: AckId, error: AckError | undefined): void {
  const ack = connection.subprotocol.control?.formatAck(ackId, error)
  if (ack !== undefined) send(connection, ack)
}
