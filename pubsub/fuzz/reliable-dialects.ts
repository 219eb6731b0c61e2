import { decodeFields, encodeFields } from './protobuf-wire.ts'

/** A frame of the service, as far as a recovery test looks into it. */
export type Heard =
  | { type: 'connected'; connectionId: string; reconnectionToken: string }
  | { type: 'message'; text: string; sequenceId: number }
  | { type: 'ack'; ackId: number; outcome: 'success' | 'Duplicate' | 'other' }
  | { type: 'other' }

/** One reliable subprotocol, spoken by hand. */
export interface ReliableDialect {
  subprotocol: string
  opcode: 1 | 2
  confirm(sequenceId: number): Buffer
  /** Publishes text to a group. */
  send(group: string, ackId: number, text: string): Buffer
  hear(payload: Buffer): Heard
}

export const dialects: Record<'JSON' | 'protobuf', ReliableDialect> = {
  JSON: {
    subprotocol: 'json.reliable.webpubsub.azure.v1',
    opcode: 1,
    confirm: (sequenceId) => Buffer.from(JSON.stringify({ type: 'sequenceAck', sequenceId })),
    send: (group, ackId, data) =>
      Buffer.from(JSON.stringify({ type: 'sendToGroup', group, ackId, noEcho: true, dataType: 'text', data })),
    hear: hearJson,
  },
  protobuf: {
    subprotocol: 'protobuf.reliable.webpubsub.azure.v1',
    opcode: 2,
    confirm: (sequenceId) => encodeFields([[8, [[1, sequenceId]]]]),
    send: (group, ackId, text) =>
      encodeFields([
        [
          1,
          [
            [1, group],
            [2, ackId],
            [3, [[1, text]]],
            [4, 1],
          ],
        ],
      ]),
    hear: hearProtobuf,
  },
}

interface JsonFrame {
  type: string
  event?: string
  connectionId?: string
  reconnectionToken?: string
  data?: string
  sequenceId?: number
  ackId?: number
  success?: boolean
  error?: { name: string }
}

function hearJson(payload: Buffer): Heard {
  const frame = JSON.parse(payload.toString()) as JsonFrame // what the service sends is under test elsewhere
  const { connectionId = '', reconnectionToken = '', data: text = '', sequenceId = 0, ackId = 0 } = frame
  if (frame.event === 'connected') return { type: 'connected', connectionId, reconnectionToken }
  if (frame.type === 'message') return { type: 'message', text, sequenceId }
  return frame.type === 'ack'
    ? { type: 'ack', ackId, outcome: outcomeOf(frame.success, frame.error?.name) }
    : { type: 'other' }
}

function hearProtobuf(payload: Buffer): Heard {
  const frame = decodeFields(payload)
  const [ack, message, system] = [frame.get(1), frame.get(2), frame.get(3)].map(within)
  if (message)
    return { type: 'message', text: textOf(within(message.get(3))?.get(1)), sequenceId: Number(message.get(4)) }
  const connected = within(system?.get(1))
  if (connected)
    return { type: 'connected', connectionId: textOf(connected.get(1)), reconnectionToken: textOf(connected.get(3)) }
  if (!ack) return { type: 'other' }
  const error = within(ack.get(3))
  return { type: 'ack', ackId: Number(ack.get(1)), outcome: outcomeOf(ack.get(2) === 1, error && textOf(error.get(1))) }
}

type FieldValue = number | Buffer | undefined
const within = (field: FieldValue) => (Buffer.isBuffer(field) ? decodeFields(field) : undefined)
const textOf = (field: FieldValue) => (Buffer.isBuffer(field) ? field.toString() : '')

function outcomeOf(isSuccess: boolean | undefined, error: string | undefined): 'success' | 'Duplicate' | 'other' {
  if (isSuccess) return 'success'
  return error === 'Duplicate' ? 'Duplicate' : 'other'
}
