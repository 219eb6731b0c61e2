import { type Piece, type Shared, wholeOf } from './batch.ts'

/** What one write takes. */
export interface Gathered {
  bytes: Uint8Array
  from: number
  to: number
  /** How many pieces that were. */
  count: number
}

/** Pieces that are longer go out as they are. */
const copiedMaxBytes = 16_384
/** One for all: it is written to a socket before it is filled again. */
const scratch = Buffer.allocUnsafeSlow(262_144)

/** What it holds, for the next one who wants the same: members of a group often do. */
let copied: readonly Piece[] = []
let copiedBytes = 0

/** The pieces from `at` on, as many as one write should take. Not to be kept. */
export function gather(pieces: readonly Piece[], at: number): Gathered {
  const first = pieces[at]
  if (first && (at === pieces.length - 1 || lengthOf(first) > copiedMaxBytes)) {
    const { shared, from, to } = rangeOf(first)
    return { bytes: shared.bytes, from, to, count: 1 }
  }
  if (at === 0 && isSame(pieces, copied)) return { bytes: scratch, from: 0, to: copiedBytes, count: pieces.length }
  let count = 0
  let length = 0
  for (const piece of at === 0 ? pieces : pieces.slice(at)) {
    const size = lengthOf(piece)
    if (size > copiedMaxBytes || length + size > scratch.length) break
    length += copy(piece, length)
    count++
  }
  copied = at === 0 && count === pieces.length ? pieces : []
  copiedBytes = length
  return { bytes: scratch, from: 0, to: length, count }
}

/** To be called when all have been served: what was copied is not kept for longer. */
export function forgetCopied(): void {
  copied = []
}

function isSame(one: readonly Piece[], other: readonly Piece[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (!isSamePiece(one[at], other[at])) return false
  return true
}

function isSamePiece(one: Piece | undefined, other: Piece | undefined): boolean {
  if (one === other) return true
  if (!one || !other || one instanceof Uint8Array || other instanceof Uint8Array) return false
  return one.batch === other.batch && one.from === other.from && one.to === other.to
}

const lengthOf = (piece: Piece) => (piece instanceof Uint8Array ? piece.length : piece.to - piece.from)

/** Where the bytes of a piece are. */
export function rangeOf(piece: Piece): { shared: Shared; from: number; to: number } {
  if (piece instanceof Uint8Array) return { shared: { bytes: piece, holders: 0 }, from: 0, to: piece.length }
  return { shared: wholeOf(piece.batch), from: piece.from, to: piece.to }
}

function copy(piece: Piece, at: number): number {
  if (piece instanceof Uint8Array) {
    scratch.set(piece, at)
    return piece.length
  }
  const part = wholeOf(piece.batch).bytes.subarray(piece.from, piece.to)
  scratch.set(part, at)
  return part.length
}
