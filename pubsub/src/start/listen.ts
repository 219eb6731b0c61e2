import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Inside } from '../model.ts'
import { StartError } from './start-error.ts'
import { type Door, type DoorOptions, openDoor } from '../transport/door.ts'
import type { Answers } from '../transport/inner-servers.ts'

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
  answerWith(answers: Answers & { inside: Inside }): void
  /** Ends every connection that is left. */
  close(): Promise<void>
}

/** A body may be larger than the largest message, so that REST itself can say that it is too large. */
const bodyMaxBytes = 8 * 1_048_576

/** Takes the port before anything that has to know its number. Throws a `StartError`. */
export function listen({ hostname, port, tls }: ListenOptions): Listener {
  const door = open({ hostname, port, tls, maxRequestBodySize: bodyMaxBytes, first: starting })
  const host = nameOf(hostname)
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${door.port}`,
    hosts: [host, 'localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${door.port}`),
    answerWith: door.answerWith,
    close: door.close,
  }
}

const starting = () => new Response(null, { status: 503, headers: { 'retry-after': '1' } })

function open(options: DoorOptions): Door {
  if (options.tls) requireKeyPair(options.tls)
  try {
    return openDoor(options)
  } catch (error) {
    throw explain(error, options)
  }
}

/** Looked at before Bun does: what it finds wrong it would tell whoever computes a signature next. */
function requireKeyPair({ cert, key }: { cert: string; key: string }): void {
  const fault = 'tls: the certificate or its key cannot be used'
  let isPair: boolean
  try {
    isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch (error) {
    throw new StartError(fault, { cause: error })
  }
  if (!isPair) throw new StartError(fault)
}

function explain(error: unknown, { hostname, port }: DoorOptions): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} on ${hostname} is in use by another program; stop it or choose another port (0 takes any)`,
    EACCES: `port ${port} may not be used by this account; choose one from 1024 on`,
    EADDRNOTAVAIL: `this machine has no address ${hostname}`,
  }
  const said = error instanceof Error ? error.message : String(error)
  const reason = reasons[code] ?? `cannot listen on ${hostname}:${port}: ${said}`
  return new StartError(reason, { cause: error })
}

/** "Every address" is no name that a client could call. */
function nameOf(hostname: string): string {
  if (hostname === '0.0.0.0' || hostname === '::') return 'localhost'
  return hostname.includes(':') ? `[${hostname}]` : hostname
}
