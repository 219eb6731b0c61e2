import { createFetch } from '../http.ts'
import { createRest } from '../rest/rest.ts'
import type { Limits } from '../limits.ts'
import type { LogEntry } from '../model.ts'
import type { HubService } from '../service/service.ts'
import type { Visibility } from './access.ts'
import { StartError } from './start-error.ts'
import { createHubs, type HubStartOptions } from './hubs.ts'
import { openInspector, recordCalls, toUpstreamCall } from './open-inspector.ts'
import { developmentKey, keyProblem } from './keys.ts'
import { listen, type Listener } from './listen.ts'
import { createWebPubSub, type Keys } from '../web-pubsub.ts'

export interface StartOptions {
  /** Address to listen on. Default `127.0.0.1`, this machine only. */
  hostname?: string | undefined
  /** Default 0: any free one. */
  port?: number | undefined
  /** How clients reach the service, if not by host and port: an origin, such as `https://pubsub.example.com`. */
  endpoint?: string | undefined
  /** The first one signs, each one verifies. Default: the well-known development key, on loopback addresses only. */
  keys?: Keys | undefined
  /** PEM texts: serves https and wss. */
  tls?: { cert: string; key: string } | undefined
  /** By name. Any hub works without settings too. */
  hubs?: Record<string, HubStartOptions> | undefined
  limits?: Partial<Limits> | undefined
  /** The field in which clients of protobuf get JSON. Default `json_data`; `text_data` for those of older schemas. */
  protobufJsonAs?: 'json_data' | 'text_data' | undefined
  /** Takes facts about faults and starts; never a message, a token or a key. Default: nobody listens. */
  log?: ((entry: LogEntry) => void) | undefined
  /** Who sees the page at `/`. Default `loopback`: this machine. */
  inspector?: Visibility | undefined
  /** Who sees `/metrics`. Default `loopback`: this machine. */
  metrics?: Visibility | undefined
}

/** A service that stands alone, in this process. */
export interface RunningWebPubSub extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:40123`. */
  readonly url: string
  /** How clients reach it: `url`, unless something else was asked for. */
  readonly endpoint: string
  /** What the official SDKs take; over plain http they want `allowInsecureConnection: true` too. A secret. */
  readonly connectionString: string
  readonly keys: Keys
  /** The methods of the official service client for one hub, without HTTP. Throws for an invalid name. */
  hub(name: string): HubService
  /** From now on these sign and verify; who is connected stays. Throws for an empty key. */
  setKeys(keys: Keys): void
  /** Replaces all settings of a hub; who is connected stays. Throws for an invalid name. */
  setHub(name: string, options: HubStartOptions): void
  /** Takes no more connections and closes those there are gently over `withinMs`; `close` is still to be called. */
  drain(options: { withinMs: number }): Promise<void>
  /** Ends every connection (close 1001), tells the event handlers, and gives the port back. */
  close(): Promise<void>
}

/**
 * Starts a Web PubSub service; resolves when clients can connect. Rejects when it cannot, and leaves nothing open then:
 * with a `StartError`, whose message is one line for a person, or with a `TypeError` for options that cannot work.
 */
async function start(options: StartOptions = {}): Promise<RunningWebPubSub> {
  const { hostname = '127.0.0.1', port = 0, endpoint, keys = [developmentKey], tls } = options
  const missing = keyProblem({ hostname, endpoint, keys })
  if (missing !== undefined) throw new StartError(missing)
  const listener = listen({ hostname, port, tls })
  try {
    return serve(listener, { ...options, keys, endpoint: new URL(endpoint ?? listener.url).origin })
  } catch (error) {
    await listener.close()
    throw error
  }
}

export const WebPubSub = { start }

type Decided = StartOptions & { endpoint: string; keys: Keys }

function serve(listener: Listener, options: Decided): RunningWebPubSub {
  const { endpoint, log = () => {} } = options
  let { keys } = options
  const { pubsub, hubs, inspector } = assemble(listener, { ...options, log, currentKeys: () => keys })
  const close = async () => {
    hubs.stopRetrying()
    await pubsub.close()
    inspector?.close()
    await hubs.close()
    await listener.close()
  }
  return {
    url: listener.url,
    endpoint,
    get keys() {
      return keys
    },
    get connectionString() {
      return `Endpoint=${endpoint};AccessKey=${keys[0]};Version=1.0;`
    },
    hub: (name) => pubsub.service(name),
    setKeys(next) {
      pubsub.setKeys(next)
      keys = next
    },
    setHub: (name, settings) => pubsub.setHub(name, hubs.settingsOf(name, settings)),
    async drain(patience) {
      // until then there is time to try again
      const timer = setTimeout(() => hubs.stopRetrying(), patience.withinMs)
      await pubsub.drain(patience).finally(() => clearTimeout(timer))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Assembly extends Decided {
  log: (entry: LogEntry) => void
  currentKeys: () => Keys
}

/** Puts the parts together and opens the door. */
function assemble(listener: Listener, options: Assembly) {
  const { endpoint, keys, log, limits = {}, inspector: visibility = 'loopback', metrics = 'loopback' } = options
  const hubs = createHubs({
    origin: new URL(endpoint).hostname,
    keys: options.currentKeys,
    log,
    onCall: (call) => inspector?.recordUpstreamCall(toUpstreamCall(call)),
    watch: (handler, hub) => recordCalls(handler, hub, (call) => inspector?.recordUpstreamCall(call)),
  })
  const named = Object.entries(options.hubs ?? {}).map(([name, hub]) => [name, hubs.settingsOf(name, hub)] as const)
  const settings = Object.fromEntries(named)
  const { protobufJsonAs } = options
  const acceptedHosts = listener.hosts
  const pubsub = createWebPubSub({ endpoint, keys, acceptedHosts, limits, log, hubs: settings, protobufJsonAs })
  const inspector = openInspector(pubsub, { visibility, hasWebhooks: (name) => hubs.hasWebhooks(name), log })
  const { engine } = pubsub.inside
  const fetch = createFetch({ engine, pubsub, rest: createRest(pubsub.inside), inspector, metrics })
  listener.answerWith({ fetch, websocket: pubsub.websocket, inside: pubsub.inside })
  return { pubsub, hubs, inspector }
}
