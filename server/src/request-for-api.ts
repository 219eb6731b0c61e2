import type { ClientPrincipal } from '@chatr/protocol'

/** The request as Static Web Apps hands it to an API (azure.md 1.3). The cookie stays here: no log can leak it. */
export function requestForApi(request: Request, principal: ClientPrincipal | undefined): Request {
  const headers = new Headers([...request.headers].filter(([name]) => !name.startsWith('x-ms-') && name !== 'cookie'))
  if (principal) {
    const { claims: _, ...rest } = principal
    headers.set('x-ms-client-principal', Buffer.from(JSON.stringify(rest)).toString('base64'))
  }
  return new Request(request, { headers })
}
