import type { Socket as TcpSocket, SocketHandler } from 'bun'
import type { Deadlines } from './deadlines.ts'
import type { Stage } from './stage.ts'

interface TunnelOptions {
  /** Of the server's socket. */
  path: string
  /** What came before. */
  first: Buffer
  deadlines: Deadlines<Stage>
}

/** Longer than anything that is still wanted is silent: a feed speaks each second, a handshake waits 110 at the most. */
const idleMs = 240_000

/** One direction of a tunnel. */
interface Pipe {
  from: TcpSocket<Stage>
  to: TcpSocket<Stage>
  /** What `to` did not take; while there is something, `from` is not read. */
  rest: Buffer | undefined
  /** `from` said all. */
  hasEnded: boolean
}

/**
 * Passes bytes on between `outer` and a server, both ways, as fast as the slower side takes them. One that nobody uses is
 * cut after some minutes. The end of either side is the end of the other, once it has been given everything.
 */
export function createTunnel(outer: TcpSocket<Stage>, { path, first, deadlines }: TunnelOptions): Stage {
  let toInner: Pipe | undefined
  let lastUsedAt = performance.now()
  let early: Buffer = first
  let isOver = false
  let hasEnded = false

  const stage: Stage = {
    takeData(segment) {
      lastUsedAt = performance.now()
      if (toInner) pass(toInner, segment)
      else early = Buffer.concat([early, segment])
    },
    takeDrain: () => toOuter && goOn(toOuter),
    takeEnd() {
      hasEnded = true
      if (toInner) end(toInner)
    },
    takeClosed() {
      isOver = true
      deadlines.clear(stage)
      toInner?.to.terminate()
    },
    takeTimeout() {
      const restMs = lastUsedAt + idleMs - performance.now()
      if (restMs > 0) deadlines.set(stage, restMs)
      else outer.terminate()
    },
  }
  deadlines.set(stage, idleMs)
  let toOuter: Pipe | undefined
  outer.pause()
  Bun.connect<Stage>({ unix: path, allowHalfOpen: true, data: innerStage(), socket: stageHandler }).then(begin, () =>
    outer.terminate(),
  )
  return stage

  function begin(inner: TcpSocket<Stage>) {
    if (isOver) return inner.terminate()
    toInner = { from: outer, to: inner, rest: undefined, hasEnded: false }
    toOuter = { from: inner, to: outer, rest: undefined, hasEnded: false }
    outer.resume()
    pass(toInner, early)
    early = Buffer.alloc(0)
    if (hasEnded) end(toInner)
  }

  function innerStage(): Stage {
    return {
      takeData(segment) {
        lastUsedAt = performance.now()
        if (toOuter) pass(toOuter, segment)
      },
      takeDrain: () => toInner && goOn(toInner),
      takeEnd: () => toOuter && end(toOuter),
      takeClosed() {
        if (toOuter) end(toOuter)
        if (!toOuter?.rest) outer.end()
      },
      takeTimeout() {},
    }
  }
}

/** Every socket asks its stage. */
export const stageHandler: SocketHandler<Stage> = {
  data: ({ data }, segment) => data.takeData(segment),
  drain: ({ data }) => data.takeDrain(),
  end: ({ data }) => data.takeEnd(),
  close: ({ data }) => data.takeClosed(),
  error() {},
}

function pass(pipe: Pipe, bytes: Buffer): void {
  if (pipe.rest) {
    pipe.rest = Buffer.concat([pipe.rest, bytes])
    return
  }
  const written = pipe.to.write(bytes)
  if (written < 0 || written === bytes.length) return
  pipe.rest = bytes.subarray(written)
  pipe.from.pause()
}

function goOn(pipe: Pipe): void {
  const { rest } = pipe
  if (!rest) return
  const written = pipe.to.write(rest)
  if (written >= 0 && written < rest.length) {
    pipe.rest = rest.subarray(written)
    return
  }
  pipe.rest = undefined
  if (pipe.hasEnded) pipe.to.shutdown()
  else pipe.from.resume()
}

function end(pipe: Pipe): void {
  pipe.hasEnded = true
  if (!pipe.rest) pipe.to.shutdown()
}
