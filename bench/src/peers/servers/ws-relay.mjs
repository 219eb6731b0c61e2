/**
 * A plain relay on `ws`, as good as a competent developer writes it: a Set per group, every message framed once for all
 * of its members, and what one turn of the loop brought to a group written to each member in one piece. The path is the group.
 */
import { createServer } from 'node:http'
import { Sender, WebSocketServer } from 'ws'

const groups = new Map()
const dirty = new Set()
const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false })

sockets.on('connection', (socket, { url }) => {
  const group = groups.get(url) ?? { members: new Set(), frames: [] }
  groups.set(url, group)
  group.members.add(socket)
  socket.on('message', (data, isBinary) => publish(group, data, isBinary))
  socket.on('error', () => {}) // a reset, which `close` follows
  socket.on('close', () => {
    group.members.delete(socket)
    if (group.members.size === 0) groups.delete(url)
  })
})

function publish(group, data, isBinary) {
  group.frames.push(
    ...Sender.frame(data, { fin: true, opcode: isBinary ? 2 : 1, mask: false, readOnly: true, rsv1: false }),
  )
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(group)
}

function flush() {
  for (const group of dirty) {
    const bytes = Buffer.concat(group.frames)
    group.frames = []
    for (const { readyState, _socket } of group.members) if (readyState === 1) _socket.write(bytes)
  }
  dirty.clear()
}

server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 })
