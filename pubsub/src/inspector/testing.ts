import { createRest } from '../rest/rest.ts'
import { connect, type TestClient } from '../testing/client.ts'
import { json, testKeys } from '../testing/service.ts'
import type { EventHandler } from '../ports.ts'
import { createWebPubSub, type EmbeddedWebPubSub } from '../web-pubsub.ts'
import type { InspectorAccess } from './access.ts'
import type { Snapshot } from './feed.ts'
import { createInspector, type Inspector } from './inspector.ts'

export interface InspectedService extends AsyncDisposable {
  pubsub: EmbeddedWebPubSub
  inspector: Inspector
  url: string
  /** Moves the service's clock. */
  pass(milliseconds: number): void
  join(options?: JoinOptions): Promise<TestClient>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  act(name: string, body: object, headers?: Record<string, string>): Promise<Response>
  watch(query?: string): Promise<Watcher>
}

interface JoinOptions {
  hub?: string
  userId?: string
  groups?: string[]
  roles?: string[]
  protocol?: string
}

interface InspectedOptions {
  access?: InspectorAccess
  handler?: EventHandler
  everyMs?: number
}

/** A page's feed, one snapshot after the other. */
interface Watcher {
  next(): Promise<Snapshot>
  /** Reads until a snapshot is as wanted. */
  until(isMeant: (snapshot: Snapshot) => boolean): Promise<Snapshot>
  stop(): Promise<void>
}

/** A real service with its inspector on a real port, and a clock that can be moved. */
export function startInspected({ access = 'loopback', handler, everyMs = 5 }: InspectedOptions = {}): InspectedService {
  let passed = 0
  const pubsub = createWebPubSub({
    endpoint: 'http://localhost:8080',
    keys: [...testKeys],
    hubs: { chat: handler ? { handler } : {} },
    clock: () => Date.now() + passed,
  })
  const inspector = createInspector(pubsub, { access, everyMs })
  const rest = createRest(pubsub.inside)
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    websocket: pubsub.websocket,
    fetch: (request, server) =>
      pubsub.isClientPath(new URL(request.url))
        ? pubsub.upgrade(request, server)
        : (inspector.fetch(request, server) ?? rest(request)),
  })
  const url = `http://127.0.0.1:${server.port}`
  return {
    pubsub,
    inspector,
    url,
    pass(milliseconds) {
      passed += milliseconds
    },
    join: (options) => join(pubsub, url, options),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    act: (name, body, headers = {}) =>
      fetch(`${url}/inspector/api/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    watch: (query = '') => watch(`${url}/inspector/api/feed${query}`),
    async [Symbol.asyncDispose]() {
      inspector.close()
      await pubsub.close()
      await server.stop(true)
    },
  }
}

async function join(pubsub: EmbeddedWebPubSub, url: string, options: JoinOptions = {}): Promise<TestClient> {
  const { hub = 'chat', protocol = json, ...access } = options
  const { token } = await pubsub.service(hub).getClientAccessToken(access)
  const client = await connect(`${url.replace('http', 'ws')}/client/hubs/${hub}?access_token=${token}`, [protocol])
  client.connectionId = String((await client.nextFrame())['connectionId'])
  return client
}

async function watch(url: string): Promise<Watcher> {
  const gone = new AbortController()
  const response = await fetch(url, { signal: gone.signal })
  if (!response.ok || !response.body) throw new Error(`no feed: ${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<Snapshot> => {
    while (!text.includes('\n\n')) {
      const { value, done } = await reader.read()
      if (done) throw new Error('the feed has ended')
      text += value
    }
    const end = text.indexOf('\n\n')
    const event = text.slice('data: '.length, end)
    text = text.slice(end + 2)
    // what the feed's types say is what these tests are about
    return JSON.parse(event) as Snapshot
  }
  return {
    next,
    async until(isMeant) {
      const deadline = performance.now() + 10_000
      while (performance.now() < deadline) {
        const snapshot = await next()
        if (isMeant(snapshot)) return snapshot
      }
      throw new Error('no such snapshot within ten seconds')
    },
    async stop() {
      await reader.cancel()
      gone.abort()
    },
  }
}
