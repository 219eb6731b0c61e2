import type { Server, WebSocketHandler } from 'bun'
import type { Config } from './config.ts'
import { reasonOf, StartError } from './start-error.ts'

/** The most that a webhook of Azure Web PubSub carries; forms have a bound of their own, far below. */
const bodyMaxBytes = 1024 * 1024

export interface Listener<Data> {
  /** How a browser on this machine reaches us. */
  url: string
  /** From now on requests are answered by these; until then by 503. */
  answerWith(answers: {
    fetch: (request: Request, server: Server<Data>) => Promise<Response | undefined>
    websocket: WebSocketHandler<Data>
  }): void
  /** Takes no new connections. */
  closeDoor: () => void
  /** Ends those that are left. */
  close: () => Promise<void>
}

/**
 * Takes the port before anything that has to know its number. Throws a `StartError` that names the variable to change.
 */
export function listen<Data>({ host, port }: Pick<Config, 'host' | 'port'>): Listener<Data> {
  const options = {
    hostname: host,
    port,
    maxRequestBodySize: bodyMaxBytes,
    development: false, // Bun's page for developers shows sources
    reusePort: false, // outside of development Bun would share a port that is taken
    error: broken,
  }
  const server = serve<Data>(options)
  return {
    url: `http://${nameForBrowser(host)}:${server.port}`,
    answerWith({ fetch, websocket }) {
      server.reload({ ...options, fetch, websocket })
    },
    closeDoor: () => void server.stop(),
    close: () => server.stop(true),
  }
}

const starting = () => new Response('Chatr is starting', { status: 503, headers: { 'retry-after': '1' } })

/** The front door answers its own faults: this is for what breaks before it, and tells nothing. */
const broken = () => new Response('Something is broken here', { status: 500 })

type ServeOptions = Pick<Parameters<typeof Bun.serve>[0], 'development' | 'reusePort' | 'error'> & {
  hostname: string
  port: number
  maxRequestBodySize: number
}

function serve<Data>(options: ServeOptions): Server<Data> {
  try {
    return Bun.serve<Data>({ ...options, fetch: starting })
  } catch (error) {
    throw explain(error, options)
  }
}

function explain(error: unknown, { hostname, port }: ServeOptions): StartError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const reasons: Record<string, string> = {
    EADDRINUSE: `PORT: ${port} on ${hostname} is in use by another program; stop it or choose another port (0 takes any)`,
    EACCES: `PORT: ${port} may not be used by this account; choose one from 1024 on`,
    EADDRNOTAVAIL: `HOST: this machine has no address ${hostname}`,
  }
  const reason = typeof code === 'string' ? reasons[code] : undefined
  return new StartError(reason ?? `HOST, PORT: cannot listen on ${hostname}:${port}: ${reasonOf(error)}`, {
    cause: error,
  })
}

/** Addresses that mean "every address", and 127.0.0.1, are all `localhost` to whoever sits here. */
function nameForBrowser(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
