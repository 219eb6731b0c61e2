import type { ClientPrincipal } from '@chatr/protocol'
import type { Log } from '../log.ts'
import { redirect } from './answers.ts'
import type { SessionCookie } from './cookie.ts'
import type { Sessions } from './sessions.ts'

/** Sessions as a browser sees them: through its cookie. */
export interface Visits {
  principalOf: (request: Request) => ClientPrincipal | undefined
  /** Signs in under a fresh session, in the place of the one that the request had, and goes to `target`. */
  begin(request: Request, principal: ClientPrincipal, target: string): Promise<Response>
  /** Ends the session that the request has, if any, and goes to `target`. */
  end(request: Request, target: string): Promise<Response>
}

export interface VisitsOptions {
  sessions: Sessions
  cookie: SessionCookie
  /** Called after somebody's session ended. */
  signedOut: (userId: string) => Promise<void>
  log: Log
}

export function openVisits({ sessions, cookie, signedOut, log }: VisitsOptions): Visits {
  const find = (request: Request) => {
    for (const value of cookie.read(request)) {
      const principal = sessions.find(value)
      if (principal) return { value, principal }
    }
    return undefined
  }
  return {
    principalOf: (request) => find(request)?.principal,
    async begin(request, principal, target) {
      const before = find(request)
      const value = sessions.begin(principal)
      if (before) sessions.end(before.value)
      log.info('sign-in', { provider: principal.identityProvider, user: principal.userId })
      if (before && before.principal.userId !== principal.userId) await signedOut(before.principal.userId)
      return redirect(303, target, cookie.set(value))
    },
    async end(request, target) {
      const before = find(request)
      if (before) {
        sessions.end(before.value)
        log.info('sign-out', { user: before.principal.userId })
        await signedOut(before.principal.userId)
      }
      return redirect(302, target, cookie.clear())
    },
  }
}
