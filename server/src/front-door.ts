import type { Server } from 'bun'
import { type Log, messageOf } from './log.ts'
import { requestForApi } from './request-for-api.ts'
import { constantHeaders, securityHeaders } from './security-headers.ts'
import type { Service, ServiceSocket } from './service.ts'
import { answerError } from './sign-in/answers.ts'
import type { SignIn } from './sign-in/sign-in.ts'

type Fetch = (request: Request, url: URL) => Promise<Response>

export interface FrontDoorOptions {
  signIn: SignIn
  api: (request: Request) => Promise<Response>
  site: Fetch
  service: Pick<Service, 'isClientPath' | 'upgrade' | 'origin'>
  /** The origin under which the browser of this request knows us. */
  originOf: (request: Request) => string
  log: Log
}

/**
 * Everything that comes in, and the one place that knows who may say who is calling: `x-ms-*` headers from outside are
 * dropped, and the API learns its caller from the session alone. Answers `undefined` for what became a WebSocket.
 */
export function openFrontDoor(
  options: FrontDoorOptions,
): (request: Request, server: Server<ServiceSocket>) => Promise<Response | undefined> {
  const { signIn, api, site, service, originOf, log } = options
  const rooms: readonly [prefix: string, fetch: Fetch][] = [
    ['/.auth/', signIn.fetch],
    [
      '/api/',
      async (request, url) => noteRefusal(url, await api(requestForApi(request, signIn.principalOf(request))), log),
    ],
    ['/', site],
  ]
  return async (request, server) => {
    const url = URL.parse(request.url) // made from the Host header, which can be anything
    if (url === null) return new Response('Bad Host header', { status: 400, headers: constantHeaders })
    const response = await guard(request, log, () => {
      if (service.isClientPath(url)) return service.upgrade(request, server)
      const [, fetch] = rooms.find(([prefix]) => url.pathname.startsWith(prefix)) ?? []
      return fetch?.(request, url) ?? Promise.resolve(notFound())
    })
    const headers = securityHeaders(originOf(request), service.origin)
    for (const [name, value] of Object.entries(headers)) response?.headers.set(name, value)
    return response
  }
}

/** Somebody who is not our service tried to speak as it, or it has another key than we were told. */
function noteRefusal({ pathname }: URL, response: Response, log: Log): Response {
  if (pathname === '/api/eventHandler' && response.status === 401) log.warn('refused a webhook')
  return response
}

const notFound = () => answerError(404, 'NotFound', 'there is nothing at this address')

type Answer = Response | undefined

/** Turns an outage into a line of the log and an answer that tells nothing. The path is logged without its query. */
async function guard(request: Request, log: Log, answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    const { pathname: path } = new URL(request.url)
    log.error('a request failed', { method: request.method, path, error: messageOf(error) })
    return answerError(500, 'Unavailable', 'that did not work just now: try again')
  }
}
