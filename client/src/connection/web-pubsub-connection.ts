import { SendMessageError, WebPubSubClient, WebPubSubJsonProtocol } from '@azure/web-pubsub-client'
import type { WebPubSubClientProtocol } from '@azure/web-pubsub-client'
import type { Connection, ConnectionHandlers, Sent } from './connection.ts'

/** Never leaves the browser: the protocol below turns this event into the frame `ping`, which the SDK keeps to itself. */
const pingEvent = '$ping'

/**
 * A socket by the official SDK, one client for one socket: its own reconnecting, retrying and keeping alive are off,
 * because its `stop()` cannot end a client that is still connecting, and its promises wait for a dead socket's close.
 */
export function createWebPubSubConnection(url: string, handlers: ConnectionHandlers): Connection {
  const client = new WebPubSubClient(url, {
    protocol: listeningProtocol(() => line.isOver || handlers.onHeard()),
    autoReconnect: false,
    autoRejoinGroups: false,
    messageRetryOptions: { maxRetries: 0 },
    keepAliveIntervalInMs: 0,
    keepAliveTimeoutInMs: 0,
  })
  const line: Line = { client, handlers, isOver: false, unanswered: new Set() }
  listen(line)
  client.start().then(
    () => line.isOver && client.stop(),
    () => end(line, handlers.onClosed),
  )
  return {
    sendEvent: (event, data) => send(line, () => client.sendEvent(event, data, 'json')),
    sendToGroup: (group, data) => send(line, () => client.sendToGroup(group, data, 'json', { noEcho: true })),
    whisper: (group, data) =>
      void send(line, () => client.sendToGroup(group, data, 'json', { noEcho: true, fireAndForget: true })),
    ping: () => void send(line, () => client.sendEvent(pingEvent, {}, 'json', { fireAndForget: true })),
    close: () => end(line),
  }
}

interface Line {
  client: WebPubSubClient
  handlers: ConnectionHandlers
  isOver: boolean
  /** Settle what waits for its ack when the line ends: a half-open socket closes minutes later. */
  unanswered: Set<() => void>
}

function listen(line: Line): void {
  const { client, handlers } = line
  client.on('connected', () => line.isOver || handlers.onOpen())
  client.on('disconnected', () => end(line, handlers.onClosed))
  client.on('stopped', () => end(line, handlers.onClosed))
  client.on('server-message', ({ message }) => line.isOver || handlers.onFrame({ data: message.data }))
  client.on('group-message', ({ message }) => {
    if (line.isOver) return
    const { group, fromUserId, data } = message
    handlers.onFrame({ group, data, ...(fromUserId !== undefined && { fromUserId }) })
  })
}

function end(line: Line, tell?: () => void): void {
  if (line.isOver) return
  line.isOver = true
  line.client.stop()
  for (const settle of line.unanswered) settle()
  tell?.()
}

function send(line: Line, begin: () => Promise<unknown>): Promise<Sent> {
  if (line.isOver) return Promise.resolve({ outcome: 'lost' })
  return new Promise((resolve) => {
    const lose = () => resolve({ outcome: 'lost' })
    line.unanswered.add(lose)
    begin()
      .then(
        () => resolve({ outcome: 'acked' }),
        (error: unknown) => resolve(whyNot(error)),
      )
      .finally(() => line.unanswered.delete(lose))
  })
}

function whyNot(error: unknown): Sent {
  const name = error instanceof SendMessageError ? error.errorDetail?.name : undefined
  return name === undefined ? { outcome: 'lost' } : { outcome: 'refused', name }
}

function listeningProtocol(onHeard: () => void): WebPubSubClientProtocol {
  const json = WebPubSubJsonProtocol()
  return {
    name: json.name,
    isReliableSubProtocol: json.isReliableSubProtocol,
    parseMessages(input) {
      onHeard()
      return json.parseMessages(input)
    },
    writeMessage: (message) =>
      json.writeMessage(message.kind === 'sendEvent' && message.event === pingEvent ? { kind: 'ping' } : message),
  }
}
