import type { Message } from './message.ts'
import type { Audience, Connection, Hub, Lane, PublishOptions } from './model.ts'
import { bytesOf, countOut, send } from './outbox.ts'
import { type Delivery, deliver } from './session.ts'
import type { Encoding, SequencedFrame, SharedEncoding, WireFrame } from './subprotocols/subprotocol.ts'

export const newAudience = (hub: Hub): Audience => ({ hub, topicId: ++hub.engine.lastTopicId, members: new Map() })

/** Adds to the audience and to Bun's topic, so that what is published from now on arrives. */
export function admit(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding) ?? new Set()
  if (members.size === 0) audience.members.set(encoding, members)
  members.add(connection)
  if (!encoding.isSequenced) audience.hub.engine.carrier.admit({ audience, encoding, members }, connection)
}

/** Takes out again. What was published before still arrives. */
export function dismiss(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding)
  if (!members?.delete(connection)) return
  if (members.size === 0) audience.members.delete(encoding)
  if (!encoding.isSequenced) audience.hub.engine.carrier.dismiss({ audience, encoding, members }, connection)
}

export const isEmptyAudience = (audience: Audience) => audience.members.size === 0

export const membersOfAudience = (audience: Audience): Connection[] =>
  [...audience.members.values()].flatMap((members) => Array.from(members))

/**
 * Queues `message` for everybody in `audience` but those who are `excluded` or do not match, encoded once per encoding.
 * In one connection it keeps its order among all that is published and sent. Returns when queued; a dead or slow
 * member holds up nobody.
 */
export function publish(audience: Audience, options: PublishOptions): void {
  for (const [encoding, members] of audience.members) {
    if (options.matches)
      sendToEach(
        [...members].filter((member) => isMeant(member, options)),
        options,
      )
    else if (encoding.isSequenced) publishNumbered(encoding.formatMessage(options.message), members, options)
    else publishShared({ audience, encoding, members }, options)
  }
}

function isMeant(member: Connection, { excluded, matches }: PublishOptions): boolean {
  return !excluded?.has(member) && (matches?.(member) ?? true)
}

function publishNumbered(frame: SequencedFrame, members: Set<Connection>, options: PublishOptions): void {
  const { excluded } = options
  let delivery: Delivery | undefined
  for (const member of members) {
    if (excluded?.has(member)) continue
    delivery ??= { frame, expiresAt: expiryOf(member, options.ttlSeconds) }
    number(member, delivery)
  }
}

const expiryOf = ({ hub }: Connection, ttlSeconds = 0) =>
  ttlSeconds > 0 ? hub.engine.clock() + ttlSeconds * 1_000 : Number.POSITIVE_INFINITY

function number(connection: Connection, delivery: Delivery): void {
  const { session, hub } = connection
  if (!session) return
  const sent = deliver(connection, session, delivery)
  if (sent === undefined) return
  // without the digits of its number: to count them for each member would cost more than it tells
  countOut(hub, 1, delivery.frame.bytes)
  hub.engine.observer?.frame(connection, 'out', sent)
}

interface SharedLane extends Lane {
  encoding: SharedEncoding
}

function publishShared(lane: SharedLane, { message, excluded }: PublishOptions): void {
  const { audience, encoding, members } = lane
  const { engine } = audience.hub
  const frame = encoding.formatMessage(message)
  const left = excluded ? [...excluded].filter((connection) => members.has(connection)) : []
  engine.carrier.publish(lane, frame, left)
  countOut(audience.hub, members.size - left.length, bytesOf(frame))
  if (engine.observer)
    for (const member of members) if (!left.includes(member)) engine.observer.frame(member, 'out', frame)
}

/** The same for any set of connections, one send each. */
export function sendToEach(
  connections: Iterable<Connection>,
  options: Omit<PublishOptions, 'matches' | 'excluded'>,
): void {
  const frames = new Map<Encoding, WireFrame | SequencedFrame>()
  for (const connection of connections) {
    const { encoding } = connection.subprotocol
    const frame = frames.get(encoding) ?? encoding.formatMessage(options.message)
    frames.set(encoding, frame)
    if (isNumbered(frame)) number(connection, { frame, expiresAt: expiryOf(connection, options.ttlSeconds) })
    else send(connection, frame)
  }
}

const isNumbered = (frame: WireFrame | SequencedFrame): frame is SequencedFrame =>
  typeof frame === 'object' && 'withSequence' in frame

/** One message for one connection, from the backend or the service itself. */
export const sendMessage = (connection: Connection, message: Message) => sendToEach([connection], { message })
