import type { HealingScope, PubSubService, WebhookSettings } from '@chatr/api'
import { type Connection, createWebPubSub, type EventHandler } from 'chatr-pubsub'
import type { Server, WebSocketHandler } from 'bun'
import type { Config, WebPubSubAccess } from './config.ts'
import { type Log, logEntriesOf } from './log.ts'

/** The hub that is the chat's. */
export const hub = 'chat'

export type ServiceSocket = Connection

/** What carries the connections: in this process, or Azure Web PubSub. */
export interface Service {
  pubsub: PubSubService
  /** Where browsers reach it; `undefined` when that is here. */
  origin: string | undefined
  /** How it may call us; `undefined` when it does so in this process. */
  webhook: WebhookSettings | undefined
  /** Connections live on while we are down, so what is known of them is still true at the next start. */
  keepsConnections: boolean
  /** How often presence is compared with it, and how far: elsewhere each connection costs a request. */
  healing: { everyMs: number; scope: HealingScope }
  /** Whether `upgrade` is to answer for this path. */
  isClientPath: (url: { pathname: string }) => boolean
  /** `undefined` once the connection is a WebSocket. */
  upgrade: (request: Request, server: Server<ServiceSocket>) => Promise<Response | undefined>
  websocket: WebSocketHandler<ServiceSocket>
  /** Ends the connections, as far as they are ours. */
  close: () => Promise<void>
}

export interface ServiceOptions {
  /** Who hears of connections and events; called only once connections come in. */
  events: EventHandler
  keys: readonly [string, ...string[]]
  /** Where this process listens. */
  url: string
  log: Log
  now: () => number
}

export const openService = (config: Config, options: ServiceOptions): Promise<Service> | Service =>
  config.webPubSub ? openAzureService(config.webPubSub) : openEmbeddedService(options)

function openEmbeddedService({ events, keys, url, log, now }: ServiceOptions): Service {
  const webPubSub = createWebPubSub({
    endpoint: url,
    keys,
    hubs: { [hub]: { handler: events } },
    log: logEntriesOf(log, 'pubsub'),
    clock: now,
  })
  return {
    pubsub: webPubSub.service(hub),
    origin: undefined,
    webhook: undefined,
    keepsConnections: false,
    healing: { everyMs: 3_000, scope: 'unheard' },
    isClientPath: (path) => webPubSub.isClientPath(path),
    upgrade: (request, server) => webPubSub.upgrade(request, server),
    websocket: webPubSub.websocket,
    close: () => webPubSub.close(),
  }
}

/** The official client is passed on as it is. It is loaded only here: nobody else should wait for it. */
async function openAzureService({ connectionString, endpoint, accessKey }: WebPubSubAccess): Promise<Service> {
  const { WebPubSubServiceClient } = await import('@azure/web-pubsub')
  const { protocol, hostname, origin } = new URL(endpoint)
  const allowInsecureConnection = protocol === 'http:'
  return {
    pubsub: new WebPubSubServiceClient(connectionString, hub, { allowInsecureConnection }),
    origin,
    webhook: { keys: [accessKey], allowedOrigin: hostname },
    keepsConnections: true,
    healing: { everyMs: 300_000, scope: 'all' },
    isClientPath: () => false,
    upgrade: () => Promise.resolve(new Response(null, { status: 404 })),
    websocket: { message: () => undefined },
    close: () => Promise.resolve(),
  }
}
