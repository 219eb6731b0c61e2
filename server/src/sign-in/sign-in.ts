import { type ClientPrincipal, limits } from '@chatr/protocol'
import { type EmulatedProvider, emulatedProviders } from '../config.ts'
import { answerError, answerJson, redirect, wantsJson } from './answers.ts'
import { readSignInForm, type Visit } from './form.ts'
import { emulatedNamed, guestNamed } from './identities.ts'
import { plainPage, stylePath, styleSheet } from './pages.ts'
import { redirectTarget } from './redirect-target.ts'
import { isFromOurSite } from './same-site.ts'
import { openVisits, type Visits, type VisitsOptions } from './visits.ts'

export interface SignInOptions extends VisitsOptions {
  hasGuests: boolean
  /** The providers that are emulated for whoever sends this request. */
  emulatedFor: (request: Request) => readonly EmulatedProvider[]
  /** The page with the form that stands in for a provider's own sign-in; it posts to the address that it has. */
  emulatedForm: (request: Request) => Response
  /** The origin under which the browser of this request knows us. */
  originOf: (request: Request) => string
}

export interface SignIn {
  /** Answers everything below `/.auth/`. */
  fetch: (request: Request, url: URL) => Promise<Response>
  /** Who sends this request, by his cookie alone. */
  principalOf: (request: Request) => ClientPrincipal | undefined
}

type Handler = (visit: Visit) => Response | Promise<Response>
/** What a path answers to. HEAD is there only where GET changes nothing. */
type Route = { GET: Handler; HEAD?: Handler; POST?: Handler }

/** Sign-in in the shapes of Azure Static Web Apps (azure.md 1.2, 1.3), for guests and for emulated providers. */
export function createSignIn(options: SignInOptions): SignIn {
  const visits = openVisits(options)
  const fixed = new Map(Object.entries(fixedRoutes(visits, options.hasGuests)))
  const emulated = new Map(
    emulatedProviders.map((provider) => [loginPath(provider), emulatedRoute(visits, provider, options.emulatedForm)]),
  )
  const routeOf = (request: Request, path: string): Route | undefined => {
    const isOn = options.emulatedFor(request).some((provider) => loginPath(provider) === path)
    return isOn ? emulated.get(path) : fixed.get(path)
  }
  return {
    principalOf: visits.principalOf,
    async fetch(request, url) {
      const origin = options.originOf(request)
      if (request.method === 'POST' && !isFromOurSite(request, origin)) return refuseForeign(request, options)
      const route = routeOf(request, url.pathname)
      if (!route) return plainPage(404, 'Not here', 'There is no such way to sign in here.')
      const handler = isMethodOf(route, request.method) ? route[request.method] : undefined
      return handler?.({ request, url, origin }) ?? notAllowed(route)
    },
  }
}

function fixedRoutes(visits: Visits, hasGuests: boolean): Record<string, Route> {
  const me: Handler = ({ request }) => answerJson(200, { clientPrincipal: visits.principalOf(request) ?? null })
  return {
    '/.auth/me': { GET: me, HEAD: me },
    '/.auth/logout': {
      GET({ request, url, origin }) {
        const uri = url.searchParams.get('post_logout_redirect_uri')
        return visits.end(request, redirectTarget(uri, { origin, fallback: '/login' }))
      },
    },
    [stylePath]: { GET: styleSheet, HEAD: styleSheet },
    ...(hasGuests && { [loginPath('guest')]: guestRoute(visits) }),
  }
}

const guestRoute = (visits: Visits): Route => ({
  GET: ({ url }) => redirect(302, `/login${url.search}`),
  async POST(visit) {
    const { name, target } = await readSignInForm(visit)
    if (name === undefined) return refuseName(visit.request, formAgain('/login', target))
    return visits.begin(visit.request, guestNamed(name, visits.principalOf(visit.request)), target)
  },
})

function emulatedRoute(visits: Visits, provider: EmulatedProvider, form: SignInOptions['emulatedForm']): Route {
  const showForm: Handler = ({ request }) => form(request)
  return {
    GET: showForm,
    HEAD: showForm,
    async POST(visit) {
      const { name, target } = await readSignInForm(visit)
      if (name === undefined) return refuseName(visit.request, formAgain(loginPath(provider), target))
      return visits.begin(visit.request, emulatedNamed(provider, name), target)
    },
  }
}

const loginPath = (provider: string) => `/.auth/login/${provider}`

/** The page with the form, which says what was wrong and still knows where to go afterwards. */
const formAgain = (path: string, target: string) =>
  `${path}?error=name${target === '/' ? '' : `&post_login_redirect_uri=${encodeURIComponent(target)}`}`

const refuseName = (request: Request, location: string) =>
  wantsJson(request)
    ? answerError(400, 'BadRequest', `the field "name" wants 1 to ${limits.userNameMaxLength} characters`)
    : redirect(303, location)

function refuseForeign(request: Request, { log, originOf }: SignInOptions): Response {
  const from = request.headers.get('origin')?.slice(0, 200)
  log.warn('refused a sign-in from another site', { from, ours: originOf(request) })
  if (wantsJson(request)) return answerError(403, 'Forbidden', 'this comes from another site')
  const text = `This form was sent by another site than ${originOf(request)}. Behind a proxy, CHATR_PUBLIC_ORIGIN has to say how browsers reach Chatr.`
  return plainPage(403, 'Not from here', text)
}

const isMethodOf = (route: Route, method: string): method is keyof Route => Object.hasOwn(route, method)

function notAllowed(route: Route): Response {
  return new Response(null, { status: 405, headers: { allow: Object.keys(route).join(', ') } })
}
