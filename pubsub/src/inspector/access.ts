import type { Server } from 'bun'

/** `loopback`: only from this machine. `on`: from everywhere that reaches the port. */
export type InspectorAccess = 'loopback' | 'on'

const loopbackPeer = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/
const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i
/** Somebody passed the request on for somebody else. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** Why the request is refused, as a sentence for whoever sent it; `undefined` when he is welcome. */
export function refusalOf(request: Request, server: Pick<Server<unknown>, 'requestIP'>, access: InspectorAccess) {
  if (access === 'loopback') {
    const peer = server.requestIP(request)?.address ?? ''
    if (!loopbackPeer.test(peer)) return 'The inspector answers this machine only.'
    // A page of a stranger can point its own name here (DNS rebinding); the name stays in the header.
    if (!loopbackHost.test(request.headers.get('host') ?? '')) return 'The inspector answers to localhost only.'
    if (forwardingHeaders.some((name) => request.headers.has(name))) return 'The inspector answers no proxy.'
  }
  return isOfAnotherSite(request) ? 'The inspector answers its own page only.' : undefined
}

/** A link or an address typed in may lead to the page; everything else is asked for by the page itself. */
function isOfAnotherSite(request: Request): boolean {
  const { headers, method, url } = request
  const site = headers.get('sec-fetch-site')
  const isVisit = method === 'GET' && headers.get('sec-fetch-mode') === 'navigate' && new URL(url).pathname === '/'
  if (isVisit) return false
  if (site !== null && site !== 'same-origin' && site !== 'none') return true
  const origin = headers.get('origin')
  return origin !== null && URL.parse(origin)?.host !== headers.get('host')?.toLowerCase()
}

/** No inline script, nothing from elsewhere, no frame around it; markup only through the page's template library. */
export const securityHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html',
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const
