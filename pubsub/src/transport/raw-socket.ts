import type { Socket as TcpSocket } from 'bun'
import type { Connection, Socket } from '../model.ts'
import { closeSocket, failSocket, pongSocket, readSocket, refuseFrames } from '../socket-events.ts'
import { type Backlog, firstHeld, hold, newBacklog, release, releaseAll } from './backlog.ts'
import { type Batch, type Line, type Piece, type Shared, takePieces, wholeOf } from './batch.ts'
import { closeFrame, frameBytes, frameOf, opcodes, pingFrame } from './frame-bytes.ts'
import { type FrameSink, readFrames, type Unfinished } from './frame-reader.ts'
import { gather, rangeOf } from './gather.ts'
import type { Stage } from './stage.ts'
import type { Yard } from './yard.ts'

/** How long a goodbye may take: what is still queued, and the peer's own. */
const goodbyeMs = 5_000
const { OPEN, CLOSING, CLOSED } = WebSocket

/**
 * A WebSocket on a TCP socket (RFC 6455, server side, no extensions), in the shape of Bun's own. What is sent leaves at
 * the end of the turn of the event loop, all in one piece. A class, as ten thousand of them share their methods.
 */
export class RawSocket implements Socket, Line, FrameSink, Stage {
  pieces: Piece[] | undefined = undefined
  open: Batch | undefined = undefined
  openFrom = 0
  unfinished: Unfinished | undefined = undefined
  readyState: number = OPEN
  readonly connection: Connection
  readonly #tcp: TcpSocket<Stage>
  readonly #yard: Yard
  #backlog: Backlog | undefined = undefined
  /** Everything of ours went out, the close frame last. */
  #isShut = false
  #hasPeerEnded = false
  /** What the last that was read has for a consequence; that comes at the end of the turn. */
  #lastWord: (() => void) | undefined = undefined

  constructor(connection: Connection, tcp: TcpSocket<Stage>, yard: Yard) {
    this.connection = connection
    this.#tcp = tcp
    this.#yard = yard
  }

  sendText(text: string): void {
    this.#queue(frameOf(text))
  }

  sendBinary(bytes: Uint8Array): void {
    this.#queue(frameBytes(opcodes.binary, bytes))
  }

  /** One that was made for several. */
  sendFrame(frame: Uint8Array): void {
    this.#queue(frame)
  }

  ping(): void {
    this.#queue(pingFrame)
  }

  /** After what was queued before. The peer has some seconds to read all that and to answer; then it is cut. */
  close(code: number | undefined, reason: string): void {
    if (this.readyState !== OPEN) return
    this.#queue(closeFrame(code, reason))
    this.readyState = CLOSING
    this.unfinished = undefined
    this.#yard.deadlines.set(this, goodbyeMs)
  }

  /** At once, whatever was queued. */
  terminate(): void {
    if (this.readyState === OPEN) this.#lose()
    this.#forget()
    this.#tcp.terminate()
  }

  /** Bytes that the peer did not take when it was given them. */
  getBufferedAmount(): number {
    return this.#backlog?.bytes ?? 0
  }

  get isReading(): boolean {
    return this.readyState === OPEN && !this.#lastWord
  }

  takeData(segment: Buffer): void {
    if (!this.isReading) return
    try {
      const violation = readFrames(this, segment, this.#yard.messageMaxBytes)
      if (violation) this.#conclude(() => refuseFrames(this.connection, this, violation))
    } catch (error) {
      failSocket(this.connection, this, error)
    }
  }

  takeMessage(data: string | Uint8Array<ArrayBuffer>): void {
    readSocket(this.connection, this, data)
  }

  takePing(payload: Uint8Array): void {
    pongSocket(this.connection)
    this.#queue(frameBytes(opcodes.pong, payload))
  }

  takePong(): void {
    pongSocket(this.connection)
  }

  takeClose(code: number | undefined, reason: string): void {
    this.#conclude(() => {
      this.close(code, reason)
      closeSocket(this.connection, this, { code: code ?? 1005, reason })
    })
  }

  takeDrain(): void {
    if (this.#backlog) this.#writeBacklog(this.#backlog)
  }

  /** Without a close frame before it, the peer is gone; after ours, it has said all. */
  takeEnd(): void {
    this.#hasPeerEnded = true
    this.#speakLastWord()
    if (this.readyState === OPEN) {
      this.writeQueued()
      this.#lose()
      this.#forget()
    } else if (!this.#isShut) {
      return
    }
    this.#tcp.end()
  }

  takeClosed(): void {
    this.#speakLastWord()
    if (this.readyState === OPEN) this.#lose()
    this.#forget()
  }

  takeTimeout(): void {
    this.terminate()
  }

  /** Hands over to TCP what this turn queued. What it does not take waits. */
  writeQueued(): void {
    const { open } = this
    if (this.readyState === CLOSED) {
      takePieces(this)
    } else if (open?.isOver && !this.pieces && !this.#backlog) {
      this.open = undefined
      this.#writeBatch(wholeOf(open))
    } else if (this.pieces?.length === 1 && !open && !this.#backlog) {
      this.#writeOne(this.pieces)
    } else {
      this.#writePieces(takePieces(this))
    }
    if (this.readyState === CLOSING && !this.#backlog) this.#shutDown()
  }

  /**
   * Nothing more is read. What was asked before, and is answered without waiting for anything outside, is answered
   * before `lastWord`.
   */
  #conclude(lastWord: () => void): void {
    this.#lastWord = lastWord
    setImmediate(() => this.#speakLastWord())
  }

  #speakLastWord(): void {
    const lastWord = this.#lastWord
    this.#lastWord = undefined
    lastWord?.()
  }

  #queue(frame: Uint8Array): void {
    if (this.readyState === OPEN) this.#yard.queue(this, frame)
  }

  /** The busiest way: one batch and nothing else. */
  #writeBatch(shared: Shared): void {
    const { bytes } = shared
    const from = this.openFrom
    const written = from === 0 ? this.#tcp.write(bytes) : this.#tcp.write(bytes, from, bytes.length - from)
    if (written < 0 || from + written === bytes.length) return
    hold(this.#heldBack(), { shared, from: from + written, to: bytes.length }, this.#yard.held)
  }

  /** The way of all who got one frame, and of answers. */
  #writeOne(pieces: Piece[]): void {
    const [piece] = pieces
    this.pieces = undefined
    if (!(piece instanceof Uint8Array)) {
      this.#writePieces(pieces)
      return
    }
    const written = this.#tcp.write(piece)
    if (written >= 0 && written < piece.length) this.#keep(pieces, written)
  }

  #writePieces(pieces: Piece[]): void {
    let at = 0
    while (at < pieces.length && !this.#backlog) {
      const { bytes, from, to, count } = gather(pieces, at)
      const written = this.#tcp.write(bytes, from, to - from)
      if (written < 0) return
      if (written < to - from) this.#keep(pieces.slice(at, at + count), written)
      at += count
    }
    if (at < pieces.length) this.#keep(pieces.slice(at), 0)
  }

  /** All of `pieces` but the first `skipped` bytes. */
  #keep(pieces: Piece[], skipped: number): void {
    const backlog = this.#heldBack()
    let passed = skipped
    for (const piece of pieces) {
      const { shared, from, to } = rangeOf(piece)
      const start = Math.min(to, from + passed)
      passed -= start - from
      if (start < to) hold(backlog, { shared, from: start, to }, this.#yard.held)
    }
  }

  #heldBack(): Backlog {
    this.#yard.noteBacklog(this)
    return (this.#backlog ??= newBacklog())
  }

  #writeBacklog(backlog: Backlog): void {
    for (let part = firstHeld(backlog); part; part = firstHeld(backlog)) {
      const length = part.to - part.from
      const written = this.#tcp.write(part.shared.bytes, part.from, length)
      if (written < 0) return
      release(backlog, written, this.#yard.held)
      if (written < length) return
    }
    this.#backlog = undefined
    if (this.readyState === CLOSING && !this.pieces) this.#shutDown()
  }

  /** Ours is said. The peer is left time for its own: closed at once, the last of it could undo what we sent. */
  #shutDown(): void {
    if (this.#isShut) return
    this.#isShut = true
    if (this.#hasPeerEnded) this.#tcp.end()
    else this.#tcp.shutdown()
  }

  #lose(): void {
    this.readyState = CLOSED
    closeSocket(this.connection, this, { code: 1006, reason: '' })
  }

  #forget(): void {
    this.readyState = CLOSED
    this.unfinished = undefined
    if (this.#backlog) releaseAll(this.#backlog, this.#yard.held)
    this.#backlog = undefined
    this.#yard.deadlines.clear(this)
  }
}
