import type { Server, WebSocketHandler } from 'bun'
import type { Fetch } from './http.ts'
import type { Connection } from './model.ts'
import { StartError } from './start-error.ts'

export interface ListenOptions {
  hostname: string
  port: number
  /** PEM texts. */
  tls: { cert: string; key: string } | undefined
}

export interface Listener {
  /** `http://127.0.0.1:8080`: how this machine reaches it, with the port that it got. */
  url: string
  /** What the `Host` of requests may be called besides the endpoint's name. */
  hosts: string[]
  /** From now on requests are answered by these; until then by 503. */
  answerWith(answers: { fetch: Fetch; websocket: WebSocketHandler<Connection> }): void
  /** Ends every connection that is left. */
  close(): Promise<void>
}

/** A body may be larger than the largest message, so that REST itself can say that it is too large. */
const bodyMaxBytes = 8 * 1_048_576

/** Takes the port before anything that has to know its number. Throws a `StartError`. */
export function listen({ hostname, port, tls }: ListenOptions): Listener {
  const options = {
    hostname,
    port,
    ...(tls && { tls }),
    maxRequestBodySize: bodyMaxBytes,
    // a feed may be silent, and a handshake may wait for its backend, for longer than any bound that Bun knows
    idleTimeout: 0,
    development: false, // Bun's page for developers shows sources
    reusePort: false, // outside of development Bun would share a port that is taken
  }
  const server = serve(options)
  const host = nameOf(hostname)
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${server.port}`,
    hosts: [host, 'localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${server.port}`),
    answerWith: (answers) => void server.reload({ ...options, ...answers }),
    close: () => server.stop(true),
  }
}

const starting = () => new Response(null, { status: 503, headers: { 'retry-after': '1' } })

type ServeOptions = { hostname: string; port: number; tls?: { cert: string; key: string } }

function serve(options: ServeOptions): Server<Connection> {
  try {
    return Bun.serve<Connection>({ ...options, fetch: starting })
  } catch (error) {
    throw explain(error, options)
  }
}

function explain(error: unknown, { hostname, port }: ServeOptions): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} on ${hostname} is in use by another program; stop it or choose another port (0 takes any)`,
    EACCES: `port ${port} may not be used by this account; choose one from 1024 on`,
    EADDRNOTAVAIL: `this machine has no address ${hostname}`,
  }
  if (code.includes('SSL')) return new StartError('tls: the certificate or its key cannot be used', { cause: error })
  const said = error instanceof Error ? error.message : String(error)
  const reason = reasons[code] ?? `cannot listen on ${hostname}:${port}: ${said}`
  return new StartError(reason, { cause: error })
}

/** "Every address" is no name that a client could call. */
function nameOf(hostname: string): string {
  if (hostname === '0.0.0.0' || hostname === '::') return 'localhost'
  return hostname.includes(':') ? `[${hostname}]` : hostname
}
