import type { Server } from 'bun'
import {
  type Connection,
  createWebPubSub,
  type EmbeddedWebPubSub,
  type EventHandler,
  type WebPubSubOptions,
} from '../index.ts'
import { createRest } from '../rest/rest.ts'
import { connect, type TestClient } from './client.ts'

export const testKeys = ['local-dev-key-primary-0123456789abcdef', 'local-dev-key-secondary-0123456789abcde'] as const
/** What tokens of the tests name; the server itself listens on a port of the day. */
const testHost = 'localhost:8080'
export const json = 'json.webpubsub.azure.v1'
export const reliableJson = 'json.reliable.webpubsub.azure.v1'

export interface TestService extends AsyncDisposable {
  pubsub: EmbeddedWebPubSub
  server: Server<Connection>
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

type TestOptions = Partial<Omit<WebPubSubOptions, 'hubs'>> & { handler?: Partial<EventHandler> }

/** A real service on a real port of this machine, with one hub `chat`. */
export function startService({ handler, ...options }: TestOptions = {}): TestService {
  const log: object[] = []
  const pubsub = createWebPubSub({
    endpoint: `http://${testHost}`,
    keys: [...testKeys],
    hubs: { chat: handler ? { handler: { ...indifferent, ...handler } } : {} },
    log: (entry) => log.push(entry),
    ...options,
  })
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: answering(pubsub),
    websocket: pubsub.websocket,
  })
  const { port = 0 } = server
  const hub = pubsub.service('chat')
  return { pubsub, server, port, log, hub, join: (options) => join(hub, port, options), [Symbol.asyncDispose]: stop }
  async function stop() {
    await pubsub.close()
    await server.stop(true)
  }
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
  return (request: Request, server: Server<Connection>) => {
    const url = URL.parse(request.url)
    return url && !pubsub.isClientPath(url) ? rest(request) : pubsub.upgrade(request, server)
  }
}

async function join(hub: TestService['hub'], port: number, options: JoinOptions = {}): Promise<TestClient> {
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
