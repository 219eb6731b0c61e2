import { describeError } from './log.ts'
import { metricsContentType } from './metrics-format.ts'
import { renderMetrics } from './metrics.ts'
import type { BunServer, Engine } from './model.ts'
import { isVisibleTo, type Visibility } from './start/access.ts'

type Answer = Response | Promise<Response | undefined> | undefined
export type Fetch = (request: Request, server: BunServer) => Answer

export interface Mounts {
  engine: Engine
  pubsub: { isClientPath(url: { pathname: string }): boolean; upgrade: Fetch }
  /** Everything below `/api/`. Never throws. */
  rest: (request: Request) => Response | Promise<Response>
  /** The page at `/`. It decides itself whom it answers; `undefined` is a path that it does not know. */
  inspector: { fetch: Fetch } | undefined
  metrics: Visibility
}

/** The one door of a service that stands alone: every request finds its part here, or a 404. */
export function createFetch(mounts: Mounts): Fetch {
  const { engine, rest } = mounts
  return (request, server) => {
    const pathname = pathOf(request.url)
    // the busiest way is short, and catches its faults itself
    if (isRestPath.test(pathname)) return rest(request)
    return answerOthers(mounts, { request, pathname, server }).catch((error: unknown) => {
      engine.log({ level: 'error', event: 'requestFailed', path: pathname, error: describeError(error) })
      return new Response(null, { status: 500 })
    })
  }
}

/** In any case, as the real service takes it. */
const isRestPath = /^\/api\//i

/** Cut, not parsed: Bun gives URLs that are absolute and normal. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.indexOf('?', start)
  return url.slice(start, end < 0 ? undefined : end)
}

interface Asked {
  request: Request
  pathname: string
  server: BunServer
}

async function answerOthers(mounts: Mounts, { request, pathname, server }: Asked): Promise<Response | undefined> {
  const { pubsub, inspector } = mounts
  // it is made from the Host header, which can be anything
  if (!URL.canParse(request.url)) return new Response('Bad Host header', { status: 400 })
  if (pubsub.isClientPath({ pathname })) return pubsub.upgrade(request, server)
  if (pathname === '/metrics') return answerMetrics(mounts, request, server)
  return (await inspector?.fetch(request, server)) ?? notFound()
}

function answerMetrics({ engine, metrics }: Mounts, request: Request, server: BunServer): Response {
  if (!isVisibleTo(request, server, metrics)) return notFound()
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  return new Response(renderMetrics(engine), { headers: { 'content-type': metricsContentType } })
}

const notFound = () => new Response('There is nothing here.\n', { status: 404 })
