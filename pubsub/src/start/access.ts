import type { Server } from 'bun'
import { isLoopbackHost } from './keys.ts'

/** Who may see what is not for clients: nobody, whoever sits at this machine, or all who reach the port. */
export type Visibility = 'off' | 'loopback' | 'on'

type Peers = Pick<Server<unknown>, 'requestIP'>

export const isVisibleTo = (request: Request, server: Peers, visibility: Visibility): boolean =>
  visibility === 'on' || (visibility === 'loopback' && isFromHere(request, server))

/** Somebody passed the request on for somebody else. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** A stranger's page may have its own name point to this machine: the name it used must be ours as well. */
function isFromHere(request: Request, server: Peers): boolean {
  const { hostname } = new URL(`http://${request.headers.get('host') ?? 'unknown'}`)
  const peer = server.requestIP(request)?.address ?? 'unknown'
  return (
    isLoopbackHost(peer) && isLoopbackHost(hostname) && !forwardingHeaders.some((name) => request.headers.has(name))
  )
}
