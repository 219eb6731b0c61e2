import type { Server } from 'bun'
import { describeError } from '../log.ts'
import type { Engine, Hub, LogEntry } from '../model.ts'
import { hubKey } from '../names.ts'
import type { EmbeddedWebPubSub } from '../web-pubsub.ts'
import { type InspectorAccess, refusalOf, securityHeaders } from './access.ts'
import { act } from './actions.ts'
import { createAssets } from './assets.ts'
import { createCallLog } from './calls.ts'
import type { HandlerKind, UpstreamCall } from './feed.ts'
import { readQuery } from './query.ts'
import { createRates } from './rates.ts'
import { createRecorder } from './recorder.ts'
import { createFeeds } from './stream.ts'

export interface InspectorOptions {
  access: InspectorAccess
  /** Takes facts about faults of the inspector. */
  log?: (entry: LogEntry) => void
  /** How a hub's events are handled. Default: a function call where there is a handler. */
  handlerKind?: (hub: string) => HandlerKind
  /** How often pages hear news. Default 1,000. */
  everyMs?: number
}

/** The page to see inside, to be mounted on the server of its service. */
export interface Inspector {
  /** `undefined` for what is not the inspector's: everything but `/` and `/inspector/…`. Never rejects. */
  fetch(request: Request, server: Pick<Server<unknown>, 'requestIP' | 'timeout'>): Promise<Response> | undefined
  /** To be told by whoever calls event handlers. Costs next to nothing. */
  recordUpstreamCall(call: UpstreamCall): void
  /** Ends the feeds of pages that look, and stops watching. */
  close(): void
}

/** Frames are recorded as long after the last look, and no longer. */
const attentionMs = 10 * 60_000

/**
 * Shows what happens inside a running service, and lets whoever looks close connections, send to them, and get tokens.
 * With access `on` everybody who reaches the port may do that, so a wall in front has to decide who does.
 */
export function createInspector(pubsub: EmbeddedWebPubSub, options: InspectorOptions): Inspector {
  const { engine, endpoint } = pubsub.inside
  const { access, log = () => {}, everyMs = 1_000 } = options
  const [recorder, rates, calls] = [createRecorder(engine), createRates(engine), createCallLog()]
  const handlerKind = (hub: Hub) => kindOf(hub, options.handlerKind)
  const startedAt = engine.clock()
  const feeds = createFeeds({ engine, endpoint: endpoint.origin, startedAt, rates, recorder, calls, handlerKind })
  const attention = createAttention(engine, recorder)
  const timer = setInterval(() => {
    rates.sample()
    attention.renew(feeds.count > 0)
    if (recorder.isOn) recorder.sweep()
    feeds.push()
  }, everyMs)
  timer.unref()
  const routes: Routes = {
    serveAsset: createAssets(),
    openFeed(request) {
      attention.renew(true)
      const stream = feeds.open(readQuery(new URL(request.url).searchParams))
      if (!stream) return problem(503, 'Too many pages look already.')
      return new Response(stream, { headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' } })
    },
    act: (name, request) => act({ engine, service: (hub) => pubsub.service(hub) }, name, request),
  }
  return {
    fetch(request, server) {
      if (!isInspectorPath(new URL(request.url).pathname)) return undefined
      const refusal = refusalOf(request, server, access)
      if (refusal !== undefined) return Promise.resolve(problem(403, refusal))
      return respond(routes, request, server).catch((error: unknown) => {
        log({ level: 'error', event: 'inspectorFailed', error: describeError(error) })
        return problem(500, 'The inspector failed.')
      })
    },
    recordUpstreamCall: (call) => calls.add(call),
    close() {
      clearInterval(timer)
      feeds.close()
      recorder.stop()
    },
  }
}

const isInspectorPath = (pathname: string) => pathname === '/' || pathname.startsWith('/inspector/')

function kindOf({ name, settings }: Hub, told: ((hub: string) => HandlerKind) | undefined): HandlerKind {
  return told ? told(hubKey(name)) : settings.handler ? 'in-process' : 'none'
}

/** Records while somebody looks, and for a while after: what he missed is there when he comes back. */
function createAttention(engine: Engine, recorder: { isOn: boolean; start(): void; stop(): void }) {
  let lookedAt = Number.NEGATIVE_INFINITY
  return {
    renew(isLooking: boolean) {
      const now = engine.clock()
      if (isLooking) lookedAt = now
      const isWanted = now - lookedAt < attentionMs
      if (isWanted && !recorder.isOn) recorder.start()
      if (!isWanted && recorder.isOn) recorder.stop()
    },
  }
}

interface Routes {
  serveAsset: ReturnType<typeof createAssets>
  openFeed(request: Request): Response
  act(name: string, request: Request): Promise<Response> | undefined
}

const apiPath = '/inspector/api/'

async function respond(routes: Routes, request: Request, server: Pick<Server<unknown>, 'timeout'>): Promise<Response> {
  const { pathname } = new URL(request.url)
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  if (isReading && !pathname.startsWith(apiPath))
    return (await routes.serveAsset(request)) ?? problem(404, 'Not found.')
  const name = pathname.slice(apiPath.length)
  if (request.method === 'GET' && name === 'feed') {
    // A feed may be silent for longer than a server lets others be.
    server.timeout(request, 0)
    return secured(routes.openFeed(request))
  }
  if (request.method !== 'POST') return problem(pathname.startsWith(apiPath) ? 404 : 405, 'Not found.')
  const answer = pathname.startsWith(apiPath) ? await routes.act(name, request) : undefined
  return answer ? secured(answer) : problem(404, 'Not found.')
}

/** Nothing of the inspector's is for a cache: it holds what is said, and tokens. */
function secured(response: Response): Response {
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value)
  response.headers.set('Cache-Control', 'no-store')
  return response
}

const problem = (status: number, sentence: string) => secured(new Response(sentence, { status }))
