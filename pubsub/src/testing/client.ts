type ReceivedFrame = Record<string, unknown>

export interface TestClient {
  connectionId: string
  socket: WebSocket
  /** The protocol the server chose, empty for none. */
  protocol: string
  /** Objects go as JSON, strings and bytes as they are. */
  send(frame: object | string | Uint8Array<ArrayBuffer>): void
  /** The next thing that arrives, in order; rejects when the socket closes first. */
  next(): Promise<string | Uint8Array>
  nextFrame(): Promise<ReceivedFrame>
  /** Asserts by asking for a pong that nothing else was on its way. */
  expectSilence(): Promise<void>
  closed: Promise<{ code: number; reason: string }>
}

/** Bun's own WebSocket client, with what arrives in a queue. */
export async function connect(url: string, protocols: string[]): Promise<TestClient> {
  const socket = protocols.length === 0 ? new WebSocket(url) : new WebSocket(url, protocols)
  socket.binaryType = 'arraybuffer'
  const queue = arrivals(socket)
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
  })
  await opened(socket)
  const nextFrame = async () => JSON.parse(String(await queue.next())) as ReceivedFrame // every frame is an object
  return {
    connectionId: '',
    socket,
    protocol: socket.protocol,
    send: (frame) =>
      socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    next: queue.next,
    nextFrame,
    closed,
    async expectSilence() {
      socket.send('{"type":"ping"}')
      const frame = await nextFrame()
      if (frame['type'] !== 'pong') throw new Error(`expected silence, got ${JSON.stringify(frame)}`)
    },
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('the handshake failed')))
  })
}

function arrivals(socket: WebSocket) {
  const arrived: (string | Uint8Array)[] = []
  let wake: (() => void) | undefined
  let isClosed = false
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    arrived.push(typeof data === 'string' ? data : new Uint8Array(data))
    wake?.()
  })
  socket.addEventListener('close', () => {
    isClosed = true
    wake?.()
  })
  return { next }
  async function next(): Promise<string | Uint8Array> {
    while (arrived.length === 0) {
      if (isClosed) throw new Error('the socket closed before anything arrived')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return arrived.shift() ?? ''
  }
}
