import type { Message } from './message.ts'
import type { Audience, Connection, Hub, PublishOptions } from './model.ts'
import { countOut, send } from './outbox.ts'
import { deliver } from './session.ts'
import type { Encoding, SequencedFrame, SharedEncoding, WireFrame } from './subprotocols/subprotocol.ts'

export const newAudience = (hub: Hub): Audience => ({ hub, topicId: ++hub.engine.lastTopicId, members: new Map() })

/** Adds to the audience and to Bun's topic, so that what is published from now on arrives. */
export function admit(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding)
  if (members) members.add(connection)
  else audience.members.set(encoding, new Set([connection]))
  if (!encoding.isSequenced) connection.socket?.subscribe(topicOf(audience, encoding))
}

/** Takes out again. What was published before still arrives. */
export function dismiss(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding)
  members?.delete(connection)
  if (members?.size === 0) audience.members.delete(encoding)
  if (encoding.isSequenced || connection.socket?.readyState !== WebSocket.OPEN) return
  connection.socket.unsubscribe(topicOf(audience, encoding))
}

export const isEmptyAudience = (audience: Audience) => audience.members.size === 0

export const membersOfAudience = (audience: Audience): Connection[] =>
  [...audience.members.values()].flatMap((members) => Array.from(members))

const topicOf = (audience: Audience, encoding: Encoding) => `${audience.topicId}/${encoding.name}`

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
  let expiresAt: number | undefined
  for (const member of members) {
    if (excluded?.has(member)) continue
    expiresAt ??= expiryOf(member, options.ttlSeconds)
    number(member, frame, expiresAt)
  }
}

const expiryOf = ({ hub }: Connection, ttlSeconds = 0) =>
  ttlSeconds > 0 ? hub.engine.clock() + ttlSeconds * 1_000 : Number.POSITIVE_INFINITY

function number(connection: Connection, frame: SequencedFrame, expiresAt: number): void {
  const { session, hub } = connection
  if (!session) return
  const sent = deliver(connection, session, { frame, expiresAt })
  if (sent === undefined) return
  countOut(hub, 1, sent.length)
  hub.engine.observer?.frame(connection, 'out', sent)
}

interface Shared {
  audience: Audience
  encoding: SharedEncoding
  members: Set<Connection>
}

function publishShared({ audience, encoding, members }: Shared, { message, excluded }: PublishOptions): void {
  const { engine } = audience.hub
  const frame = encoding.formatMessage(message)
  engine.beforePublish(frame.length * members.size)
  const left = excluded ? [...excluded].filter((connection) => members.has(connection)) : []
  if (left.length > 1) {
    for (const member of members) if (!excluded?.has(member)) send(member, frame)
    return
  }
  const topic = topicOf(audience, encoding)
  // Bun leaves out the socket that publishes: excluding one costs nothing
  publishTo(left.length === 0 ? engine.server : left[0]?.socket, topic, frame)
  countOut(audience.hub, members.size - left.length, frame.length)
  if (engine.observer)
    for (const member of members) if (!left.includes(member)) engine.observer.frame(member, 'out', frame)
}

interface Publisher {
  publish(topic: string, data: WireFrame): unknown
}

const publishTo = (publisher: Publisher | undefined, topic: string, frame: WireFrame) => {
  publisher?.publish(topic, frame)
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
    if (isNumbered(frame)) number(connection, frame, expiryOf(connection, options.ttlSeconds))
    else send(connection, frame)
  }
}

const isNumbered = (frame: WireFrame | SequencedFrame): frame is SequencedFrame =>
  typeof frame === 'object' && 'withSequence' in frame

/** One message for one connection, from the backend or the service itself. */
export const sendMessage = (connection: Connection, message: Message) => sendToEach([connection], { message })
