/** Socket.IO as its documentation has it, WebSocket only: the room is in the handshake's query, messages go to all in it. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server, {
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
  pingInterval: 3_600_000, // the load generator counts frames, and would count pings
})

io.on('connection', async (socket) => {
  const { room } = socket.handshake.query
  if (room) await socket.join(room)
  socket.emit('joined')
  socket.on('send', (text) => io.to(room).emit('message', text))
})

server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 })
