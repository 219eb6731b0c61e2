import { logError } from '../chat/context.ts'
import { getHealth } from './get-health.ts'
import { getMessages } from './get-messages.ts'
import { getToken } from './get-token.ts'
import { getChats, getUsers } from './lists.ts'
import { signedIn } from './principal.ts'
import { failure, methodNotAllowed } from './responses.ts'
import type { HttpBackend, Method, Route } from './route.ts'
import { receiveEvent, validateWebhook } from './webhook.ts'

/** Every path there is, and what may be done there. `{name}` stands for one segment. */
const routes: Record<string, Partial<Record<Method, Route>>> = {
  '/api/getToken': { GET: signedIn(getToken) },
  '/api/users': { GET: signedIn(getUsers) },
  '/api/chats': { GET: signedIn(getChats) },
  '/api/chats/{chatId}/messages': { GET: signedIn(getMessages) },
  '/api/eventHandler': { POST: receiveEvent, OPTIONS: validateWebhook },
  '/api/health': { GET: getHealth },
}

const patterns = Object.entries(routes).map(([path, methods]) => ({
  pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  methods: new Map<string, Route>(Object.entries(methods)),
}))

/** Answers one HTTP request; never rejects: an outage is logged once and answered with 503. */
export async function answer(backend: HttpBackend, request: Request): Promise<Response> {
  const url = new URL(request.url)
  const found = findRoute(url.pathname)
  if (found === undefined) return failure('NotFound', 'there is nothing here')
  const route = found.methods.get(request.method)
  if (route === undefined) return methodNotAllowed([...found.methods.keys()])
  try {
    return await route(backend, { request, url, params: found.params })
  } catch (error) {
    logError(backend, error, { at: 'http', method: request.method, path: url.pathname })
    return failure('Unavailable', 'that did not work just now: try again')
  }
}

function findRoute(pathname: string) {
  for (const { pattern, methods } of patterns) {
    const match = pattern.exec(pathname)
    if (match !== null) return { methods, params: decoded(match.groups) }
  }
  return undefined
}

/** What cannot be decoded stays as it is, and names nothing. */
function decoded(groups: Record<string, string> = {}): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch (error) {
    if (error instanceof URIError) return groups
    throw error
  }
}
