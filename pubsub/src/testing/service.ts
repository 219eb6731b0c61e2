import { createWebPubSub, type EmbeddedWebPubSub, type EventHandler, type WebPubSubOptions } from '../index.ts'
import { createRest } from '../rest/rest.ts'
import type { BunServer } from '../model.ts'
import { openDoor } from '../transport/door.ts'
import { connect, type TestClient } from './client.ts'

export const testKeys = ['local-dev-key-primary-0123456789abcdef', 'local-dev-key-secondary-0123456789abcde'] as const
/** What tokens of the tests name; the server itself listens on a port of the day. */
const testHost = 'localhost:8080'
export const json = 'json.webpubsub.azure.v1'
export const reliableJson = 'json.reliable.webpubsub.azure.v1'

export interface TestService extends AsyncDisposable, Pick<TestServer, 'pendingRequests'> {
  pubsub: EmbeddedWebPubSub
  port: number
  log: object[]
  hub: ReturnType<EmbeddedWebPubSub['service']>
  /** Opens a client and takes its `connected` frame, if its subprotocol has one. */
  join(options?: JoinOptions): Promise<TestClient>
}

interface JoinOptions {
  userId?: string
  roles?: string[]
  groups?: string[]
  /** Default: JSON. An empty list is a simple client. */
  protocols?: string[]
}

/** What carries WebSockets: TCP of our own, or a Bun server that the service is mounted on. */
export type Transport = 'raw' | 'bun'

type TestOptions = Partial<Omit<WebPubSubOptions, 'hubs'>> & { handler?: Partial<EventHandler>; transport?: Transport }

/** For those who do not say. A second run of the tests, with `on-bun.ts` preloaded, takes the other one. */
let usual: Transport = 'raw'
export const usualTransport = () => usual
export const useTransport = (transport: Transport) => {
  usual = transport
}

/** A real service on a real port of this machine, with one hub `chat`. */
export function startService({ handler, transport = usual, ...options }: TestOptions = {}): TestService {
  const log: object[] = []
  const pubsub = createWebPubSub({
    endpoint: `http://${testHost}`,
    keys: [...testKeys],
    hubs: { chat: handler ? { handler: { ...indifferent, ...handler } } : {} },
    log: (entry) => log.push(entry),
    ...options,
  })
  const { port, close, pendingRequests } = servers[transport](pubsub)
  const hub = pubsub.service('chat')
  const join = (options?: JoinOptions) => joinHub(hub, port, options)
  return { pubsub, port, pendingRequests, log, hub, join, [Symbol.asyncDispose]: stop }
  async function stop() {
    await pubsub.close()
    await close()
  }
}

interface TestServer {
  port: number
  /** Requests of plain HTTP that have no answer yet. */
  pendingRequests: () => number
  close: () => Promise<void>
}

const address = { hostname: '127.0.0.1', port: 0 }

const servers: Record<Transport, (pubsub: EmbeddedWebPubSub) => TestServer> = {
  raw(pubsub) {
    const fetch = answering(pubsub)
    const door = openDoor({ ...address, maxRequestBodySize: 8_388_608, first: fetch })
    door.answerWith({ fetch, websocket: pubsub.websocket, inside: pubsub.inside })
    return door
  },
  bun(pubsub) {
    const { websocket } = pubsub
    const server = Bun.serve({ ...address, fetch: answering(pubsub), websocket })
    return { port: server.port ?? 0, pendingRequests: () => server.pendingRequests, close: () => server.stop(true) }
  },
}

/** Accepts all and answers nothing. */
const indifferent: EventHandler = {
  connect: async () => ({ accept: true }),
  connected: async () => {},
  event: async () => ({}),
  disconnected: async () => {},
}

function answering(pubsub: EmbeddedWebPubSub) {
  const rest = createRest(pubsub.inside)
  return (request: Request, server: BunServer) => {
    const url = URL.parse(request.url)
    return url && !pubsub.isClientPath(url) ? rest(request) : pubsub.upgrade(request, server)
  }
}

async function joinHub(hub: TestService['hub'], port: number, options: JoinOptions = {}): Promise<TestClient> {
  const { protocols = [json], ...access } = options
  const { token } = await hub.getClientAccessToken(access)
  const client = await connect(`ws://127.0.0.1:${port}/client/hubs/chat?access_token=${token}`, protocols)
  if (protocols.length === 0) return client
  const connected = await client.nextFrame()
  client.connectionId = String(connected['connectionId'])
  return client
}

/** Waits until `condition` holds, at most ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true within ten seconds')
    await Bun.sleep(1)
  }
}
