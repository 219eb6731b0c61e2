import { findHub, strayHub } from '../hub.ts'
import { describeError } from '../log.ts'
import { isGroupName, isHubName } from '../names.ts'
import type { Hub, Inside } from '../model.ts'
import { badHubName } from '../service/service.ts'
import { badRequest, invalidGroupName, type Refusal } from '../service/refusals.ts'
import { type Answer, apiVersions, createResponder, latestVersion } from './answers.ts'
import { type Query, readQuery } from './query.ts'
import { createRouter, type Params } from './router.ts'
import { type Handler, routes } from './routes.ts'

/**
 * The REST data plane of Azure Web PubSub, api-version 2024-12-01 (spec 9): for everything under `/api/`. Never
 * rejects; a fault of ours is logged and answered with 500.
 */
export function createRest(inside: Inside): (request: Request) => Promise<Response> {
  const { engine } = inside
  const responder = createResponder(inside)
  const findRoute = createRouter<Handler>(routes)
  const hubs: HubFinder = hubFinder(inside)
  return async (request) => {
    const target = targetOf(request.url)
    try {
      if (isHealth(target.path)) return health(request)
      const match = findRoute(request.method, target.path)
      if (!match) return responder.reject(request, 404)
      if ('allow' in match) return responder.reject(request, 405, { Allow: match.allow })
      const sender = inside.tokens.verifyRest(bearerOf(request), target)
      if (!sender) return responder.reject(request, 401)
      const answer = answerTo({ inside, hubs, request, ...target, ...sender, params: match.params }, match.handle)
      return responder.respond(request, answer instanceof Promise ? await answer : answer)
    } catch (error) {
      // who hung up in the middle of his body will not read this, and it is nobody's fault
      if (request.signal.aborted) return responder.reject(request, 400)
      // the one catch of this edge: what else is thrown here is a fault of ours
      engine.log({ level: 'error', event: 'restFailed', method: request.method, error: describeError(error) })
      return responder.reject(request, 500)
    }
  }

  /** For whoever balances the load: nobody is to come while we go. */
  function health(request: Request): Response {
    if (request.method !== 'HEAD' && request.method !== 'GET')
      return responder.reject(request, 405, { Allow: 'HEAD, GET' })
    return responder.health(request, engine.isDraining ? 503 : 200)
  }
}

const isHealth = (path: string) => path.length === 11 && path.toLowerCase() === '/api/health'

type HubFinder = (name: string) => Hub

/**
 * A hub that is not there is answered for by one that has nobody in it, nor ever will: no operation needs a hub of its
 * own until somebody is connected, and whoever may ask about any name must not fill the memory with hubs.
 */
function hubFinder({ engine }: Inside): HubFinder {
  const nobodys = strayHub(engine)
  return (name) => findHub(engine, name) ?? nobodys
}

interface Target {
  /** Of the URL, so in lower case and without a default port. */
  host: string
  path: string
  search: string
}

/** Cut, not parsed: the URL comes from Bun, absolute and normal, and parsing it again would cost as much as the rest. */
function targetOf(url: string): Target {
  const hostStart = url.indexOf('://') + 3
  const pathStart = url.indexOf('/', hostStart)
  const queryStart = url.indexOf('?', pathStart)
  const pathEnd = queryStart < 0 ? url.length : queryStart
  return { host: url.slice(hostStart, pathStart), path: url.slice(pathStart, pathEnd), search: url.slice(pathEnd + 1) }
}

const bearerOf = ({ headers }: Request) => /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''

interface Asked extends Target {
  inside: Inside
  hubs: HubFinder
  request: Request
  params: Params
  origin: string
}

function answerTo({ inside, hubs, request, params, ...target }: Asked, handle: Handler): Answer | Promise<Answer> {
  const query = readQuery(target.search)
  const { hub: hubName = '', group } = params
  const refusal = refuseVersion(query) ?? refuseNames(hubName, group)
  if (refusal) return refusal
  const url = target.origin + target.path
  return handle({ inside, request, hub: () => hubs(hubName), hubName, params, query, url })
}

const versions: ReadonlySet<string> = new Set(apiVersions)

/** No feature depends on the version (spec 9.1). */
function refuseVersion(query: Query): Refusal | undefined {
  const [version = latestVersion, ...more] = query.get('api-version') ?? []
  if (more.length > 0) return badRequest('The api-version is given more than once.', 'api-version')
  return versions.has(version) ? undefined : badRequest(`The api-version '${version}' is not supported.`, 'api-version')
}

function refuseNames(hub: string, group: string | undefined): Refusal | undefined {
  if (!isHubName(hub)) return badHubName
  return group === undefined || isGroupName(group) ? undefined : invalidGroupName
}
