import type { Connection, Engine, Observer } from '../model.ts'
import type { FrameRow } from './feed.ts'
import { maskBytes, maskText } from './mask.ts'

export const recorderLimits = {
  framesPerConnection: 50,
  /** What is kept of one frame, in characters or bytes. */
  frameKept: 2_048,
  connections: 2_000,
  /** Beyond that only connections that somebody looks at are recorded, until the next sweep. */
  framesPerSecond: 20_000,
  /** Of all that is kept together; a frame that many received counts once. */
  totalBytes: 16 * 1_048_576,
  /** How long a connection that has ended can still be seen. */
  goneMs: 60_000,
} as const

/** Remembers the last frames of connections. Nothing is recorded, and nothing costs, before `start`. */
export interface FrameRecorder {
  readonly isOn: boolean
  start(): void
  /** Forgets everything. */
  stop(): void
  /** To be called once a second: takes notice of connections that ended, and forgets those that did a while ago. */
  sweep(): void
  /** From the frame after number `after` on, oldest first, with secrets masked. */
  framesOf(connectionId: string, after: number): FrameRow[]
  /** An ended connection, as long as it can be seen. */
  findGone(connectionId: string): Connection | undefined
  goneOf(hub: string): Connection[]
  /** Keeps the frames of that connection whatever others say, until what is returned is called. */
  pin(connectionId: string): () => void
  /** Of all that is kept together. */
  readonly bytes: number
  readonly connectionCount: number
}

interface Kept {
  at: number
  direction: 'in' | 'out'
  bytes: number
  /** A copy, as a part of a string would hold on to the whole. */
  content: string | Uint8Array
  isCut: boolean
  cost: number
  /** How many connections have it. */
  holders: number
}

interface Ring {
  connection: Connection
  frames: Kept[]
  /** Frames so far, those included that are forgotten. */
  count: number
  heardAt: number
  goneAt: number | undefined
}

interface Memory {
  engine: Engine
  rings: Map<string, Ring>
  /** Those whose end was noticed. */
  gone: Set<Ring>
  pins: Map<string, number>
  bytes: number
  /** Recorded since the last sweep. */
  recorded: number
  /** What was kept last, and of which frame: what goes to many is the same object for all. */
  last: { frame: string | Uint8Array; kept: Kept } | undefined
}

export function createRecorder(engine: Engine): FrameRecorder {
  const memory: Memory = {
    engine,
    rings: new Map(),
    gone: new Set(),
    pins: new Map(),
    bytes: 0,
    recorded: 0,
    last: undefined,
  }
  const observer: Observer = {
    frame: (connection, direction, frame) => record(memory, connection, { direction, frame }),
  }
  const { rings, gone } = memory
  return {
    get isOn() {
      return engine.observer === observer
    },
    start() {
      engine.observer = observer
    },
    stop() {
      if (engine.observer === observer) engine.observer = undefined
      rings.clear()
      gone.clear()
      memory.bytes = 0
      memory.last = undefined
    },
    sweep: () => sweep(memory),
    framesOf: (connectionId, after) => rowsOf(rings.get(connectionId), after),
    findGone(connectionId) {
      const connection = rings.get(connectionId)?.connection
      return connection?.hasEnded ? connection : undefined
    },
    goneOf: (hub) =>
      Array.from(gone, ({ connection }) => connection).filter((connection) => connection.hub.name === hub),
    pin: (connectionId) => pin(memory, connectionId),
    get bytes() {
      return memory.bytes
    },
    get connectionCount() {
      return rings.size
    },
  }
}

interface Seen {
  direction: 'in' | 'out'
  frame: string | Uint8Array
}

function record(memory: Memory, connection: Connection, seen: Seen): void {
  const isBusy = ++memory.recorded > recorderLimits.framesPerSecond
  if (isBusy && !memory.pins.has(connection.context.connectionId)) return
  const ring = ringOf(memory, connection)
  const kept = keep(memory, connection, seen)
  if (kept.holders++ === 0) memory.bytes += kept.cost
  ring.frames.push(kept)
  ring.count++
  ring.heardAt = kept.at
  if (ring.frames.length > recorderLimits.framesPerConnection) release(memory, ring.frames.shift())
  if (memory.bytes > recorderLimits.totalBytes) forgetSilent(memory)
}

function ringOf(memory: Memory, connection: Connection): Ring {
  const { rings } = memory
  const { connectionId } = connection.context
  const known = rings.get(connectionId)
  if (known) return known
  const ring: Ring = { connection, frames: [], count: 0, heardAt: memory.engine.clock(), goneAt: undefined }
  rings.set(connectionId, ring)
  if (rings.size > recorderLimits.connections) forgetSilent(memory)
  return ring
}

function keep(memory: Memory, connection: Connection, { direction, frame }: Seen): Kept {
  const { last } = memory
  const at = memory.engine.clock()
  if (direction === 'out' && last?.frame === frame && last.kept.at === at) return last.kept
  const content = typeof frame === 'string' ? copyText(frame) : copyBytes(frame, connection)
  const bytes = typeof frame === 'string' ? Buffer.byteLength(frame) : frame.byteLength
  const isCut = frame.length > recorderLimits.frameKept
  const kept: Kept = { at, direction, bytes, content, isCut, cost: content.length * 2 + 100, holders: 0 }
  if (direction === 'out') memory.last = { frame, kept }
  return kept
}

function copyText(text: string): string {
  if (text.length <= recorderLimits.frameKept) return text
  return Buffer.from(text.slice(0, recorderLimits.frameKept), 'utf16le').toString('utf16le')
}

/** The token is masked before it is kept: a later one would not show where the earlier was. */
const copyBytes = (bytes: Uint8Array, connection: Connection): Uint8Array =>
  maskBytes(bytes, connection).slice(0, recorderLimits.frameKept)

function release(memory: Memory, kept: Kept | undefined): void {
  if (kept && --kept.holders === 0) memory.bytes -= kept.cost
}

/** A tenth at a time, those first that were silent for the longest: sorting for each one would cost too much. */
function forgetSilent(memory: Memory): void {
  const { rings, pins } = memory
  const silent = [...rings.values()]
    .filter(({ connection }) => !pins.has(connection.context.connectionId))
    .sort((one, other) => one.heardAt - other.heardAt)
  for (const ring of silent.slice(0, Math.ceil(silent.length / 10))) forget(memory, ring)
}

function forget(memory: Memory, ring: Ring): void {
  memory.rings.delete(ring.connection.context.connectionId)
  memory.gone.delete(ring)
  for (const kept of ring.frames) release(memory, kept)
}

function sweep(memory: Memory): void {
  const now = memory.engine.clock()
  memory.recorded = 0
  for (const ring of memory.rings.values()) {
    if (!ring.connection.hasEnded) continue
    ring.goneAt ??= now
    memory.gone.add(ring)
    if (now - ring.goneAt >= recorderLimits.goneMs) forget(memory, ring)
  }
}

function rowsOf(ring: Ring | undefined, after: number): FrameRow[] {
  if (!ring) return []
  const first = ring.count - ring.frames.length + 1
  return ring.frames
    .slice(Math.max(0, after + 1 - first))
    .map((kept, at) => toRow(kept, Math.max(first, after + 1) + at))
}

function toRow({ at, direction, bytes, content, isCut }: Kept, number: number): FrameRow {
  const shown =
    typeof content === 'string' ? { text: maskText(content) } : { hex: Buffer.from(content).toString('hex') }
  return { number, at, direction, bytes, isCut, ...shown }
}

function pin({ pins }: Memory, connectionId: string): () => void {
  pins.set(connectionId, (pins.get(connectionId) ?? 0) + 1)
  return () => {
    const left = (pins.get(connectionId) ?? 1) - 1
    if (left === 0) pins.delete(connectionId)
    else pins.set(connectionId, left)
  }
}
