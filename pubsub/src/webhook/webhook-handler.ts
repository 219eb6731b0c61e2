import { defaultLimits } from '../limits.ts'
import type { LogEntry } from '../model.ts'
import type { ConnectionContext, ConnectRequest, EventHandler, SystemEvent } from '../ports.ts'
import { readConnectAnswer, readEventAnswer } from './answers.ts'
import { openCaller } from './caller.ts'
import type { WebhookCall } from './deliver.ts'
import { webhookFault } from './fault.ts'
import { bodyOf, buildHead, jsonType, keptHead, metadataHeaders } from './headers.ts'
import { isSuccess } from './http-answer.ts'
import { type Memory, newMemory, openMemories } from './memory.ts'
import { openRoute, type WebhookSettings } from './settings.ts'

export interface WebhookOptions {
  /** In order: for each event the first one that takes it gets it. */
  handlers: readonly WebhookSettings[]
  /** This service's host, without a port: handlers look their key up by it. */
  origin: string
  /** Each key signs each call. Asked anew for each, so they may change. None: calls are not signed. */
  signingKeys: () => readonly string[]
  /** Milliseconds since 1970. */
  clock?: () => number
  /** Takes facts about faults; never a message, a token or a key. */
  log?: (entry: LogEntry) => void
  /** Told about each attempt when it is over. */
  onCall?: (call: WebhookCall) => void
  /** Until a handler begins to answer, with all attempts and pauses; as long again until its answer is complete. */
  timeoutMs?: number
  validationTimeoutMs?: number
  /** The pauses before the second attempt, the third and so on. */
  retryDelaysMs?: readonly number[]
  /** Requests to one host at a time; more of them wait for their turn (`openTurns`), and their time runs. */
  connectionsMax?: number
  /** A success with a larger body is a failure. */
  connectMaxBytes?: number
  replyMaxBytes?: number
  /** Certificates to trust, in PEM, instead of those that the system trusts. */
  ca?: string
}

export interface WebhookHandler extends EventHandler {
  /** From now on each attempt is the last one of its call; pauses before another one are cut short. */
  stopRetrying(): void
  /** Resolves when the calls under way are over, with all their attempts, and the connections are closed. */
  close(): Promise<void>
}

/**
 * Calls handlers elsewhere by HTTP, as CloudEvents (spec 10). Throws a TypeError for settings that cannot work. Its
 * methods reject with an error whose name says why (`FaultName`): `EventHandlerNotFound` when no handler takes a user
 * event. Notifications go out one after the other for each connection. What may pass is tried again, for about nine
 * seconds, so a handler must bear to get an event twice.
 */
export function createWebhookHandler(options: WebhookOptions): WebhookHandler {
  const hook = openHook(options)
  return {
    connect: (request) => connect(hook, request),
    connected: (context) => notify(hook, context, { name: 'connected', body: '{}' }),
    async event(context, { name, payload, metadata }) {
      const memory = hook.memories.of(context)
      const id = memory.nextId++
      const route = hook.routes.find((route) => route.takesUserEvent(name))
      if (!route) throw webhookFault('EventHandlerNotFound', `no event handler takes ${name}`)
      const answer = await hook.caller.call({
        ...bodyOf(payload),
        subject: context,
        memory,
        route,
        event: name,
        id,
        type: `azure.webpubsub.user.${name}`,
        head: keptHead(memory, context, hook.sender()),
        metadata: metadataHeaders(metadata),
        bodyMaxBytes: hook.replyMaxBytes,
      })
      return readEventAnswer(answer)
    },
    disconnected: (context, reason) =>
      notify(hook, context, { name: 'disconnected', body: JSON.stringify({ reason }) }).finally(() =>
        hook.memories.forget(context),
      ),
    systemEvents: new Set(systemEventNames.filter((name) => routeOf(hook, name))),
    stopRetrying: hook.caller.stopRetrying,
    close: hook.caller.close,
  }
}

type Hook = ReturnType<typeof openHook>

const mebibyte = 1_048_576

function openHook(options: WebhookOptions) {
  const { handlers, origin, signingKeys } = options
  const { connectMaxBytes = 16 * mebibyte, replyMaxBytes = defaultLimits.messageMaxBytes } = options
  const sender = () => ({ origin, keys: signingKeys() })
  const routes = handlers.map(openRoute)
  return {
    routes,
    caller: openCaller(withDefaults(options)),
    memories: openMemories(),
    sender,
    connectMaxBytes,
    replyMaxBytes,
  }
}

const withDefaults = ({ ca, ...options }: WebhookOptions) => ({
  clock: Date.now,
  log: () => {},
  onCall: () => {},
  timeoutMs: 100_000,
  validationTimeoutMs: 10_000,
  retryDelaysMs: [1_000, 3_000, 5_000],
  connectionsMax: 256,
  ca,
  ...options,
})

/** Without a handler for it everybody is welcome, and has a memory all the same. */
async function connect(hook: Hook, request: ConnectRequest) {
  const memory = newMemory()
  const route = routeOf(hook, 'connect')
  if (!route) return { accept: true, memo: memory } as const
  const { claims, query, headers, subprotocols } = request
  const body = JSON.stringify({ claims, query, headers, subprotocols, clientCertificates: [] })
  const answer = await hook.caller.call({
    ...systemCall(hook, { subject: request, memory, name: 'connect', body }),
    route,
    isHandshake: true,
    id: 0,
    bodyMaxBytes: hook.connectMaxBytes,
  })
  const read = readConnectAnswer(answer)
  return read.accept ? { ...read, memo: memory } : read
}

const systemEventNames = ['connect', 'connected', 'disconnected'] as const
const routeOf = ({ routes }: Hook, name: SystemEvent) => routes.find((route) => route.takesSystemEvent(name))

/** The number is taken whether anybody gets the event or not, as for all of them. */
async function notify(hook: Hook, context: ConnectionContext, { name, body }: { name: SystemEvent; body: string }) {
  const memory = hook.memories.of(context)
  const id = memory.nextId++
  const route = routeOf(hook, name)
  if (!route) return
  const call = { ...systemCall(hook, { subject: context, memory, name, body }), route, id, bodyMaxBytes: 0 }
  const sent = memory.notified.then(() => hook.caller.call(call))
  memory.notified = sent.then(ignore, ignore)
  const { status } = await sent
  if (!isSuccess(status)) throw webhookFault('BadStatus', `the handler answered ${status}`)
}

const ignore = () => {}

interface SystemFacts {
  subject: ConnectRequest | ConnectionContext
  memory: Memory
  name: SystemEvent
  body: string
}

/** There are few of these for each connection: nothing that they have in common is kept. */
const systemCall = (hook: Hook, { subject, memory, name, body }: SystemFacts) => ({
  subject,
  memory,
  event: name,
  type: `azure.webpubsub.sys.${name}`,
  head: buildHead(subject, hook.sender()),
  contentType: jsonType,
  body: Buffer.from(body),
})
