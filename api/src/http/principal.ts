import { ClientPrincipal, Provider, UserId } from '@chatr/protocol'
import * as z from 'zod/mini'
import { decodeBase64 } from './base64.ts'
import { parseJson } from './parse-json.ts'
import { failure } from './responses.ts'
import type { Route, SignedInRoute } from './route.ts'

/** Who calls, as the sign-in in front of the API says; it strips such a header from outside. */
const SignedIn = z.compile(z.extend(ClientPrincipal, { userId: UserId, identityProvider: Provider }))

/** A route for whoever is signed in; the others get 401. */
export const signedIn =
  (route: SignedInRoute): Route =>
  async (backend, call) => {
    const principal = readPrincipal(call.request.headers)
    return principal === undefined ? failure('Unauthorized', 'sign in first') : route(backend, { ...call, principal })
  }

function readPrincipal(headers: Headers): ClientPrincipal | undefined {
  const principal = SignedIn.safeParse(parseJson(decodeBase64(headers.get('x-ms-client-principal') ?? '') ?? ''))
  return principal.success ? principal.data : undefined
}
