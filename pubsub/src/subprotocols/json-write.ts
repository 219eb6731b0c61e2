import type { Content, Message } from '../message.ts'
import type {
  AckError,
  AckId,
  ConnectedDetails,
  ControlFrames,
  InvocationResult,
  SequencedFrame,
} from './subprotocol.ts'

/** Everything up to where a sequence id has its place. The order of the properties is the contract (spec 5.3). */
function formatHead(message: Message): string {
  const content = formatContent(message.content)
  const extra = message.metadata === undefined ? '' : `,"metadata":${JSON.stringify(message.metadata)}`
  if (message.from === 'server') return `{"type":"message","from":"server",${content}${extra}`
  const { group, fromUserId } = message
  const sender = fromUserId === undefined ? '' : `"fromUserId":${JSON.stringify(fromUserId)},`
  return `{"type":"message","from":"group","group":${JSON.stringify(group)},${sender}${content}${extra}`
}

const formatTail = ({ stream }: Message) => (stream === undefined ? '}' : `,"stream":${JSON.stringify(stream)}}`)

export const formatMessage = (message: Message): string => formatHead(message) + formatTail(message)

/** The same with `sequenceId`, which each receiver counts for himself. */
export function formatSequenced(message: Message): SequencedFrame {
  const head = `${formatHead(message)},"sequenceId":`
  const tail = formatTail(message)
  return {
    bytes: Buffer.byteLength(head) + Buffer.byteLength(tail),
    withSequence: (sequenceId) => head + String(sequenceId) + tail,
  }
}

function formatContent(content: Content): string {
  if (content.dataType === 'json') return `"dataType":"json","data":${content.json}`
  if (content.dataType === 'text') return `"dataType":"text","data":${JSON.stringify(content.text)}`
  return `"dataType":"${content.dataType}","data":"${Buffer.from(content.bytes).toString('base64')}"`
}

export const jsonControl: ControlFrames = {
  formatConnected: ({ connectionId, userId, reconnectionToken }: ConnectedDetails) =>
    JSON.stringify({ type: 'system', event: 'connected', userId: userId ?? null, connectionId, reconnectionToken }),
  formatDisconnected: (message) => JSON.stringify({ type: 'system', event: 'disconnected', message }),
  formatAck,
  formatPong: () => '{"type":"pong"}',
  formatStreamAck: (streamId, expectedSequenceId) =>
    JSON.stringify({ type: 'streamAck', streamId, expectedSequenceId }),
  formatStreamNack: (streamId, { expectedSequenceId, name, message }) =>
    JSON.stringify({ type: 'streamNack', streamId, expectedSequenceId, name, message }),
  formatStreamClosed: (streamId, error) => JSON.stringify({ type: 'streamClosed', streamId, error }),
  formatInvokeResponse,
  formatGroupState: (type, { group, items }) => JSON.stringify({ type, group, items }),
}

function formatAck(ackId: AckId, error?: AckError): string {
  if (!error) return `{"type":"ack","ackId":${ackId},"success":true}`
  const { name, message } = error
  return `{"type":"ack","ackId":${ackId},"success":false,"error":${JSON.stringify({ name, message })}}`
}

function formatInvokeResponse(invocationId: string, result: InvocationResult): string {
  const head = `{"type":"invokeResponse","invocationId":${JSON.stringify(invocationId)}`
  if ('error' in result) return `${head},"success":false,"error":${JSON.stringify(result.error)}}`
  return result.content ? `${head},"success":true,${formatContent(result.content)}}` : `${head},"success":true}`
}
