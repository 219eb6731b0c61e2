import type { Socket, TCPSocketConnectOptions } from 'bun'
import type { Target } from './settings.ts'

/** One connection to a server, for one request at a time. */
export interface Line {
  /** How many requests it took. */
  uses: number
  /** Sends the bytes, as soon as it is open and the server is known to be the right one. */
  exchange(bytes: Buffer, listener: Listener): void
  /**
   * The exchange is over; what comes now comes from a server that talks without being asked. `false`: it was answered
   * before all of its request was sent, so the line must be ended: the server takes what comes next for the rest of it.
   */
  release(): boolean
  /** Ends it at once; nobody is told but the pool. */
  end(): void
}

interface Listener {
  data(chunk: Buffer): void
  /** It broke, for this reason. */
  closed(reason: string): void
}

interface LineState {
  socket: Socket | undefined
  isReady: boolean
  isOver: boolean
  listener: Listener | undefined
  /** What the socket did not take yet. */
  unsent: Buffer | undefined
}

/** An idle connection is closed after this long. */
const idleSeconds = 60

/** `onClosed`: it is gone, whoever ended it. Called once. */
export function openLine(target: Target, ca: string | undefined, onClosed: () => void): Line {
  const state: LineState = { socket: undefined, isReady: false, isOver: false, listener: undefined, unsent: undefined }
  const finish = (reason: string) => {
    if (state.isOver) return
    state.isOver = true
    const { listener, socket } = state
    state.listener = undefined
    socket?.terminate()
    onClosed()
    listener?.closed(reason)
  }
  const line: Line = {
    uses: 0,
    exchange(bytes, listener) {
      line.uses++
      state.listener = listener
      state.unsent = bytes
      flush(state)
    },
    release() {
      const isSent = state.unsent === undefined
      state.listener = undefined
      state.unsent = undefined
      return isSent
    },
    end() {
      state.listener = undefined
      state.unsent = undefined
      finish('ended')
    },
  }
  connect(target, ca, { state, finish })
  return line
}

interface Ends {
  state: LineState
  finish: (reason: string) => void
}

function connect(target: Target, ca: string | undefined, { state, finish }: Ends): void {
  const { hostname, port, isTls } = target
  const ready = (socket: Socket) => {
    state.isReady = true
    socket.timeout(idleSeconds)
    flush(state)
  }
  const options: TCPSocketConnectOptions = {
    hostname,
    port,
    data: undefined,
    ...(isTls && { tls: { serverName: hostname, rejectUnauthorized: true, ...(ca !== undefined && { ca }) } }),
    socket: {
      binaryType: 'buffer',
      open(socket) {
        state.socket = socket
        if (state.isOver) socket.terminate()
        else if (!isTls) ready(socket)
      },
      handshake(socket, isTrusted, error) {
        if (isTrusted && socket.authorized) ready(socket)
        else finish(`the certificate is not trusted: ${error?.message ?? 'unknown reason'}`)
      },
      data(_, chunk) {
        if (state.listener) state.listener.data(chunk)
        else finish('the server talks without being asked')
      },
      drain: () => flush(state),
      timeout: () => {
        if (!state.listener) finish('idle')
      },
      end: () => finish('the server closed the connection'),
      close: () => finish('the connection was closed'),
      error: (_, error) => finish(error.message),
      connectError: (_, error) => finish(error.message),
    },
  }
  Bun.connect(options).catch((error: unknown) => finish(error instanceof Error ? error.message : String(error)))
}

function flush(state: LineState): void {
  const { socket, unsent, isReady } = state
  if (!socket || !unsent || !isReady) return
  const sent = socket.write(unsent)
  state.unsent = sent < unsent.byteLength ? unsent.subarray(Math.max(sent, 0)) : undefined
}
