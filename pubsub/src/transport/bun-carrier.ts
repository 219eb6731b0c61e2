import type { ServerWebSocket } from 'bun'
import type { BunServer, Carrier, Connection, Engine, Lane, Socket } from '../model.ts'
import type { WireFrame } from '../subprotocols/subprotocol.ts'

/** Sockets of Bun's own server, and its topics: one publish for all members of a lane. */
export function createBunCarrier(engine: Pick<Engine, 'beforePublish'>): Carrier {
  let server: BunServer | undefined
  const queues = createQueues()
  return {
    mount(mounted) {
      if (server && server !== mounted) throw new Error('a WebPubSub belongs to one Bun server')
      server = mounted
    },
    send({ session }, socket, frame) {
      if (session && isBunSocket(socket)) queues.add(socket, frame)
      else sendTo(socket, frame)
    },
    flush(socket) {
      if (isBunSocket(socket)) queues.flush(socket)
    },
    admit(lane, { socket }) {
      if (isBunSocket(socket)) socket.subscribe(topicOf(lane))
    },
    dismiss(lane, { socket }) {
      if (isBunSocket(socket) && socket.readyState === WebSocket.OPEN) socket.unsubscribe(topicOf(lane))
    },
    publish(lane, frame, excluded) {
      engine.beforePublish(frame.length * lane.members.size)
      const [one, ...others] = excluded
      // Bun leaves out the socket that publishes: excluding one costs nothing
      if (!one) server?.publish(topicOf(lane), frame)
      else if (others.length > 0) sendToOthers(lane, frame, excluded)
      else if (isBunSocket(one.socket)) one.socket.publish(topicOf(lane), frame)
    },
    heldBytes: () => undefined,
  }
}

const isBunSocket = (socket: Socket | undefined): socket is ServerWebSocket<Connection> =>
  socket !== undefined && 'subscribe' in socket

const topicOf = ({ audience, encoding }: Lane) => `${audience.topicId}/${encoding.name}`

export function sendTo(socket: Socket, frame: WireFrame): void {
  if (typeof frame === 'string') socket.sendText(frame)
  else socket.sendBinary(frame)
}

function sendToOthers({ members }: Lane, frame: WireFrame, excluded: readonly Connection[]): void {
  const left = new Set(excluded)
  for (const member of members) if (member.socket && !left.has(member)) sendTo(member.socket, frame)
}

/** Frames of one turn of the event loop leave in one piece, however many senders they come from. */
function createQueues() {
  const queues = new Map<ServerWebSocket<Connection>, WireFrame[]>()
  const flush = (socket: ServerWebSocket<Connection>) => {
    const frames = queues.get(socket)
    if (!frames) return
    queues.delete(socket)
    socket.cork(() => {
      for (const frame of frames) sendTo(socket, frame)
    })
  }
  const flushAll = () => {
    for (const socket of queues.keys()) flush(socket)
  }
  return {
    flush,
    add(socket: ServerWebSocket<Connection>, frame: WireFrame) {
      const queue = queues.get(socket)
      if (queue) queue.push(frame)
      else queues.set(socket, [frame])
      if (!queue && queues.size === 1) setImmediate(flushAll)
    },
  }
}
