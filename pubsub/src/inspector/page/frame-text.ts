import type { FrameRow } from '../feed.ts'

/** One line about a frame. */
export interface FrameSummary {
  /** Its type, or what kind of thing it is. */
  title: string
  /** Where to or from, and what came of it. */
  about: string
  /** The beginning of what it carries. */
  preview: string
  isFailure: boolean
}

const previewMax = 120

export function summarise({ text, hex, bytes }: Pick<FrameRow, 'text' | 'hex' | 'bytes'>): FrameSummary {
  if (text === undefined)
    return { title: 'binary', about: '', preview: spaced(hex ?? '').slice(0, previewMax), isFailure: false }
  const frame = parseObject(text)
  if (!frame || typeof frame['type'] !== 'string') {
    return { title: bytes === 0 ? 'empty' : 'text', about: '', preview: text.slice(0, previewMax), isFailure: false }
  }
  const { type } = frame
  const about = abouts[type]?.(frame) ?? naming(frame)
  const data = frame['data'] ?? frame['message'] ?? ''
  const preview = typeof data === 'string' ? data : JSON.stringify(data)
  const isFailure = frame['success'] === false || frame['event'] === 'disconnected'
  return { title: type, about, preview: preview.slice(0, previewMax), isFailure }
}

type Frame = Record<string, unknown>

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const abouts: Record<string, (frame: Frame) => string> = {
  ack: ({ ackId, success, error }) => `${word(ackId)} ${success === true ? 'done' : errorName(error)}`,
  message: ({ from, group, fromUserId }) =>
    from === 'group'
      ? `in ${word(group)}${fromUserId === undefined ? '' : ` by ${word(fromUserId)}`}`
      : `from ${word(from)}`,
  system: ({ event, userId }) =>
    `${word(event)}${userId === undefined || userId === null ? '' : ` as ${word(userId)}`}`,
  sequenceAck: ({ sequenceId }) => word(sequenceId),
}

const naming = ({ group, event, streamId, invocationId }: Frame) => word(group ?? event ?? streamId ?? invocationId)

const errorName = (error: unknown) => (isObject(error) ? word(error['name']) : 'failed')

const isObject = (value: unknown): value is Frame =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(text: string): Frame | undefined {
  const value = parse(text)
  return isObject(value) ? value : undefined
}

/** `undefined` for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What a frame holds, to be read: JSON indented, bytes as a dump, other text as it is. */
export function pretty({ text, hex }: Pick<FrameRow, 'text' | 'hex'>): string {
  if (text === undefined) return dump(hex ?? '')
  const value = parse(text)
  return value === undefined ? text : JSON.stringify(value, undefined, 2)
}

const spaced = (hex: string) => hex.replace(/..(?=.)/g, '$& ')

/** Sixteen bytes a line: where, what, and the letters among them. */
export function dump(hex: string): string {
  const lines = hex.match(/.{1,32}/g) ?? []
  return lines
    .map((line, at) => `${(at * 16).toString(16).padStart(4, '0')}  ${spaced(line).padEnd(47)}  ${letters(line)}`)
    .join('\n')
}

const letters = (line: string) =>
  line.replace(/../g, (byte) => {
    const code = Number.parseInt(byte, 16)
    return code >= 32 && code < 127 ? String.fromCharCode(code) : '·'
  })

export interface JsonToken {
  kind: 'name' | 'string' | 'literal' | 'plain'
  text: string
}

const tokens = /("(?:[^"\\]|\\.)*")(?=\s*:)|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*|true|false|null)|[^"\d\-tfn]+|./gs

/** For colours. All texts together are the input. */
export function tokenise(json: string): JsonToken[] {
  return Array.from(json.matchAll(tokens), ([text, name, string, literal]) => ({
    kind: kindOf(name, string, literal),
    text,
  }))
}

function kindOf(name: string | undefined, string: string | undefined, literal: string | undefined): JsonToken['kind'] {
  if (name !== undefined) return 'name'
  if (string !== undefined) return 'string'
  return literal === undefined ? 'plain' : 'literal'
}
