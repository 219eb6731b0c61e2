import type { Audience, Connection, Engine } from './model.ts'
import type { Message } from './message.ts'
import { send } from './outbox.ts'
import type { Encoding, WireFrame } from './subprotocols/subprotocol.ts'

export const newAudience = (engine: Engine): Audience => ({ topicId: ++engine.lastTopicId, members: new Map() })

/** Adds to the audience and to Bun's topic, so that what is published from now on arrives. */
export function admit(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding)
  if (members) members.add(connection)
  else audience.members.set(encoding, new Set([connection]))
  connection.socket?.subscribe(topicOf(audience, encoding))
}

/** Takes out again. What was published before still arrives. */
export function dismiss(audience: Audience, connection: Connection): void {
  const { encoding } = connection.subprotocol
  const members = audience.members.get(encoding)
  members?.delete(connection)
  if (members?.size === 0) audience.members.delete(encoding)
  if (connection.socket?.readyState === WebSocket.OPEN) connection.socket.unsubscribe(topicOf(audience, encoding))
}

export const isEmptyAudience = (audience: Audience) => audience.members.size === 0

export const membersOfAudience = (audience: Audience): Connection[] =>
  [...audience.members.values()].flatMap((members) => Array.from(members))

const topicOf = (audience: Audience, encoding: Encoding) => `${audience.topicId}/${encoding.name}`
const nobody: ReadonlySet<Connection> = new Set()

/**
 * Queues `message` for everybody in `audience` but `excluded`, encoded once per encoding. In one connection it keeps
 * its order among all that is published and sent. Returns when queued; a dead or slow member holds up nobody.
 */
export function publish(engine: Engine, audience: Audience, options: PublishOptions): void {
  const { message, excluded = nobody } = options
  for (const [encoding, members] of audience.members) {
    const frame = encoding.formatMessage(message)
    engine.beforePublish(frame.length * members.size)
    const left = [...excluded].filter((connection) => members.has(connection))
    const topic = topicOf(audience, encoding)
    if (left.length === 0) publishTo(engine.server, topic, frame)
    // Bun leaves out the socket that publishes: excluding one costs nothing
    else if (left.length === 1) publishTo(left[0]?.socket, topic, frame)
    else sendToOthers(members, excluded, frame)
  }
}

function sendToOthers(members: Set<Connection>, excluded: ReadonlySet<Connection>, frame: WireFrame): void {
  for (const member of members) if (!excluded.has(member)) send(member, frame)
}

interface PublishOptions {
  message: Message
  excluded?: ReadonlySet<Connection>
}

interface Publisher {
  publish(topic: string, data: WireFrame): unknown
}

const publishTo = (publisher: Publisher | undefined, topic: string, frame: WireFrame) => {
  publisher?.publish(topic, frame)
}

/** The same for any set of connections, one send each. */
export function sendToEach(connections: Iterable<Connection>, message: Message): void {
  const frames = new Map<Encoding, WireFrame>()
  for (const connection of connections) {
    const { encoding } = connection.subprotocol
    const frame = frames.get(encoding) ?? encoding.formatMessage(message)
    frames.set(encoding, frame)
    send(connection, frame)
  }
}
