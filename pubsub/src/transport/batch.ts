/** What is queued for one connection in this turn of the event loop, in the order of the calls. */
export interface Line {
  /** What comes before the open part: frames of its own, and parts of batches. Absent while there is none. */
  pieces: Piece[] | undefined
  /** The batch whose further frames are for this connection as well. */
  open: Batch | undefined
  /** Where in it the part for this connection begins. */
  openFrom: number
}

export type Piece = Uint8Array | BatchPart

interface BatchPart {
  batch: Batch
  from: number
  to: number
}

/** Frames of one turn for all members of a lane: each is made once. */
export interface Batch {
  frames: Uint8Array[]
  length: number
  /** The turn is over: nothing is added any more. */
  isOver: boolean
  /** All together, made when it is over. */
  whole: Shared | undefined
  /** Members without an open part: the next frame gives them one. */
  waiting: Set<Line> | undefined
}

/** The lines with something in them since the last flush. */
export interface Queued<L extends Line> {
  lines: L[]
  /** What is shared counts once. */
  bytes: number
  lastFrame: Uint8Array | undefined
}

export interface Turn<Member, L extends Line> extends Queued<L> {
  /** Where a member has its frames queued; some may have them elsewhere. */
  lineOf: (member: Member) => L | undefined
  batches: Map<Iterable<Member>, Batch>
}

export const newTurn = <Member, L extends Line>(lineOf: (member: Member) => L | undefined): Turn<Member, L> => ({
  lineOf,
  lines: [],
  batches: new Map(),
  bytes: 0,
  lastFrame: undefined,
})

/** Bytes for several, and how many of these did not take all of them and hold them for that. */
export interface Shared {
  bytes: Uint8Array
  holders: number
}

/** Queues a frame for one connection. */
export function append<L extends Line>(turn: Queued<L>, line: L, frame: Uint8Array): void {
  note(turn, line)
  if (line.open) pauseLine(line, line.open)
  if (line.pieces) line.pieces.push(frame)
  else line.pieces = [frame]
  // one frame for several lines is appended to one after the other
  if (frame !== turn.lastFrame) turn.bytes += frame.length
  turn.lastFrame = frame
}

const note = <L extends Line>({ lines }: Queued<L>, line: L) => {
  if (!line.open && !line.pieces) lines.push(line)
}

/** Ends the open part where its batch ends now. With the next frame of that batch it gets another one. */
function pauseLine(line: Line, batch: Batch): void {
  endPart(line, batch)
  if (batch.waiting) batch.waiting.add(line)
  else batch.waiting = new Set([line])
}

function endPart(line: Line, batch: Batch): void {
  const part = { batch, from: line.openFrom, to: batch.length }
  line.open = undefined
  if (line.pieces) line.pieces.push(part)
  else line.pieces = [part]
}

/** `members` is also the name of the lane: always the same object. */
export interface Publication<Member, L extends Line> {
  members: Iterable<Member>
  frame: Uint8Array
  /** Members who do not get it. */
  excluded: readonly L[]
}

/**
 * Queues a frame for all members of a lane but the `excluded` ones. The first of a turn takes a step for each member,
 * later ones only for those who had something else queued in between.
 */
export function publish<Member, L extends Line>(turn: Turn<Member, L>, publication: Publication<Member, L>): void {
  const { members, frame, excluded } = publication
  const known = turn.batches.get(members)
  const batch = known ?? beginBatch(turn, publication)
  if (known) {
    for (const line of excluded) if (line.open === batch) pauseLine(line, batch)
    // only lines of this turn's kind get in there
    for (const line of (batch.waiting ?? []) as Iterable<L>) if (!excluded.includes(line)) goOn(turn, line, batch)
  }
  batch.frames.push(frame)
  batch.length += frame.length
  turn.bytes += frame.length
}

function beginBatch<Member, L extends Line>(
  turn: Turn<Member, L>,
  { members, excluded }: Publication<Member, L>,
): Batch {
  const batch: Batch = { frames: [], length: 0, isOver: false, waiting: undefined, whole: undefined }
  turn.batches.set(members, batch)
  for (const member of members) {
    const line = turn.lineOf(member)
    if (!line) continue
    if (excluded.length > 0 && excluded.includes(line)) (batch.waiting ??= new Set()).add(line)
    else openPart(turn, line, batch)
  }
  return batch
}

function goOn<L extends Line>(turn: Queued<L>, line: L, batch: Batch): void {
  batch.waiting?.delete(line)
  openPart(turn, line, batch)
}

function openPart<L extends Line>(turn: Queued<L>, line: L, batch: Batch): void {
  note(turn, line)
  if (line.open) pauseLine(line, line.open)
  line.open = batch
  line.openFrom = batch.length
}

/** Told of who becomes a member: he gets what is published from now on. */
export function joinLane<Member, L extends Line>(turn: Turn<Member, L>, members: Iterable<Member>, line: L): void {
  const batch = turn.batches.get(members)
  if (batch) (batch.waiting ??= new Set()).add(line)
}

/** Told of who is no member any more: he still gets what was published before. */
export function leaveLane<Member, L extends Line>(turn: Turn<Member, L>, members: Iterable<Member>, line: L): void {
  const batch = turn.batches.get(members)
  if (!batch) return
  if (line.open === batch) endPart(line, batch)
  batch.waiting?.delete(line)
}

/** Ends the turn: what is queued from now on belongs to the next one. Returns the lines with something in them. */
export function endTurn<Member, L extends Line>(turn: Turn<Member, L>): L[] {
  const { lines } = turn
  for (const batch of turn.batches.values()) batch.isOver = true
  turn.batches.clear()
  turn.lines = []
  turn.bytes = 0
  turn.lastFrame = undefined
  return lines
}

/**
 * Takes off all that is queued for the line, in order. That may happen before its batch is over: when its peer is gone,
 * or when something is published while another line is written. It then gets the frames that follow like any other.
 */
export function takePieces(line: Line): Piece[] {
  if (line.open) pauseLine(line, line.open)
  const pieces = line.pieces ?? []
  line.pieces = undefined
  return pieces
}

/** All frames of a batch in one piece, as far as it has come. Only that of a batch that is over is made once for all. */
export function wholeOf(batch: Batch): Shared {
  if (!batch.isOver) return { bytes: joined(batch), holders: 0 }
  return (batch.whole ??= { bytes: joined(batch), holders: 0 })
}

function joined({ frames, length }: Batch): Uint8Array {
  const [only] = frames
  return only && frames.length === 1 ? only : Buffer.concat(frames, length)
}
