import { acknowledge, act, forbidden, internalError, isRepeated } from './acks.ts'
import { publish, sendMessage } from './audience.ts'
import { closeConnection } from './connection.ts'
import { setGroupState, stateBytesWith, subscribeGroupState, unsubscribeGroupState } from './group-state.ts'
import { joinGroup, leaveGroup } from './hub.ts'
import { cancelInvocation, invoke } from './invocations.ts'
import type { Message } from './message.ts'
import type { Connection } from './model.ts'
import { send } from './outbox.ts'
import { isAllowed } from './roles.ts'
import { confirm } from './session.ts'
import { continueStream, endStream, startStream } from './streams.ts'
import {
  type AckError,
  type AckId,
  closeReasons,
  type GroupState,
  type UpstreamFrame,
} from './subprotocols/subprotocol.ts'
import { raiseEvent } from './upstream.ts'

type FrameOf = { [Type in UpstreamFrame['type']]: Extract<UpstreamFrame, { type: Type }> }
/** A promise means that the next frame of this connection has to wait for it. */
type Handler<Type extends UpstreamFrame['type']> = (
  connection: Connection,
  frame: FrameOf[Type],
) => Promise<void> | void
type FrameHandlers = { [Type in UpstreamFrame['type']]: Handler<Type> }

const frameHandlers: FrameHandlers = {
  joinGroup: join,
  leaveGroup: leave,
  sendToGroup,
  event: (connection, frame) => (isRepeated(connection, frame.ackId) ? undefined : handleEvent(connection, frame)),
  ping: (connection) => {
    const pong = connection.subprotocol.control?.formatPong()
    if (pong !== undefined) send(connection, pong)
  },
  /** From connections that are not reliable it is taken and ignored (spec 6.1). */
  sequenceAck: ({ session }, { sequenceId }) => (session ? confirm(session, sequenceId) : undefined),
  invoke,
  cancelInvocation: (connection, { invocationId }) => cancelInvocation(connection, invocationId),
  streamStart: startStream,
  streamData: continueStream,
  streamEnd: endStream,
  setGroupState: setState,
  subscribeGroupState: subscribeState,
  unsubscribeGroupState: (connection, { group, ackId }) => {
    if (isRepeated(connection, ackId)) return
    unsubscribeGroupState(connection, group)
    acknowledge(connection, ackId)
  },
}

/** What only concerns a connection that is there. A client that said goodbye may have left such frames behind. */
const aboutItself = new Set<UpstreamFrame['type']>([
  'joinGroup',
  'leaveGroup',
  'streamStart',
  'setGroupState',
  'subscribeGroupState',
  'unsubscribeGroupState',
])

/** Does what a frame asks. A promise means that the next frame of this connection has to wait for it. */
export function handleFrame(connection: Connection, frame: UpstreamFrame): Promise<void> | void {
  if (connection.hasEnded && aboutItself.has(frame.type)) return
  // the table pairs each type with its handler, which TypeScript cannot see through a union
  const handler = frameHandlers[frame.type] as (connection: Connection, frame: UpstreamFrame) => Promise<void> | void
  return handler(connection, frame)
}

function join(connection: Connection, frame: FrameOf['joinGroup']): void {
  const { groupsPerConnectionMax } = connection.hub.engine.limits
  const perform = () =>
    joinGroup(connection, frame.group) === 'full'
      ? badRequest(`The connection is in ${groupsPerConnectionMax} groups, the most allowed.`)
      : undefined
  act(connection, frame, { permission: 'joinLeaveGroup', verb: 'join', perform })
}

const badRequest = (message: string): AckError => ({ name: 'BadRequest', message })

function leave(connection: Connection, frame: FrameOf['leaveGroup']): void {
  const perform = () => leaveGroup(connection, frame.group)
  act(connection, frame, { permission: 'joinLeaveGroup', verb: 'leave', perform })
}

function sendToGroup(connection: Connection, frame: FrameOf['sendToGroup']): void {
  const perform = () => publishToGroup(connection, frame)
  const outcome = act(connection, frame, { permission: 'sendToGroup', verb: 'send to', perform })
  // a simple client can be told in no other way (spec 4.1)
  if (outcome === 'forbidden' && !connection.subprotocol.control) closeConnection(connection, closeReasons.forbidden)
}

function publishToGroup(connection: Connection, frame: FrameOf['sendToGroup']): void {
  const { hub, context } = connection
  const audience = hub.groups.get(frame.group)
  if (!audience) return
  const { group, content, metadata, ttlSeconds } = frame
  const message: Message = { from: 'group', group, fromUserId: context.userId, content, metadata }
  publish(audience, frame.noEcho ? { message, ttlSeconds, excluded: new Set([connection]) } : { message, ttlSeconds })
}

/** The reply goes out before the ack (spec 5.2). */
async function handleEvent(connection: Connection, frame: FrameOf['event']): Promise<void> {
  const outcome = await raiseEvent(connection, { ...frame, name: frame.event })
  if (outcome === 'failed') {
    failEvent(connection, frame.ackId)
    return
  }
  const { content, metadata } = outcome
  if (content) sendMessage(connection, { from: 'server', content, metadata })
  acknowledge(connection, frame.ackId)
}

/** A client with acks learns it from the ack and stays connected; a simple client can only be closed (spec 10.3). */
function failEvent(connection: Connection, ackId: AckId | undefined): void {
  if (connection.subprotocol.control) acknowledge(connection, ackId, internalError)
  else closeConnection(connection, closeReasons.failed)
}

function setState(connection: Connection, { group, ackId, state }: FrameOf['setGroupState']): void {
  if (isRepeated(connection, ackId)) return
  const refusal = refuseState(connection, group, state)
  if (!refusal) setGroupState(connection, group, state)
  acknowledge(connection, ackId, refusal)
}

function refuseState(connection: Connection, group: string, state: GroupState | undefined): AckError | undefined {
  const { groupStateMaxBytes } = connection.hub.engine.limits
  if (!isMember(connection, group)) {
    return { name: 'Forbidden', message: `The client is not a member of group '${group}'.` }
  }
  if (!state || stateBytesWith(connection, group, state) <= groupStateMaxBytes) return undefined
  return badRequest(`The states of this connection take more than ${groupStateMaxBytes} bytes.`)
}

/** Members may see each other's state; others need the permission to become one. */
function subscribeState(connection: Connection, { group, ackId }: FrameOf['subscribeGroupState']): void {
  if (isRepeated(connection, ackId)) return
  const refusal = refuseSubscription(connection, group)
  acknowledge(connection, ackId, refusal)
  if (!refusal) subscribeGroupState(connection, group)
}

function refuseSubscription(connection: Connection, group: string): AckError | undefined {
  const { groupsPerConnectionMax } = connection.hub.engine.limits
  if (!isMember(connection, group) && !isAllowed(connection.permissions, 'joinLeaveGroup', group))
    return forbidden('join', group)
  const { boards } = connection
  if (!boards || boards.has(group) || boards.size < groupsPerConnectionMax) return undefined
  return badRequest(`The connection has to do with the states of ${groupsPerConnectionMax} groups, the most allowed.`)
}

function isMember({ hub, groups }: Connection, name: string): boolean {
  const group = hub.groups.get(name)
  return group !== undefined && groups.has(group)
}
