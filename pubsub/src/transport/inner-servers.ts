import type { WebSocketHandler } from 'bun'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BunServer, Connection } from '../model.ts'

export interface Answers {
  fetch: (request: Request, server: BunServer) => Response | Promise<Response | undefined> | undefined
  websocket: WebSocketHandler<Connection>
}

/** Whole HTTP servers behind the door: one for peers on this machine, one for all others. */
export interface InnerServers {
  pathFor(isLoopback: boolean): string
  answerWith(answers: Answers): void
  pendingRequests(): number
  close(): Promise<void>
}

interface Options {
  maxRequestBodySize: number
  /** What requests get until there are others to answer. */
  first: Answers['fetch']
}

/** They listen in a folder that only this account may enter, and that is gone with them. */
export function openInnerServers({ maxRequestBodySize, first }: Options): InnerServers {
  const folder = mkdtempSync(join(tmpdir(), 'chatr-pubsub-'))
  if (folders.size === 0) process.on('exit', removeAll)
  folders.add(folder)
  const servers = [true, false].map((isLoopback) => openServer(join(folder, isLoopback ? 'near' : 'far'), isLoopback))
  return {
    pathFor: (isLoopback) => join(folder, isLoopback ? 'near' : 'far'),
    answerWith: (answers) => servers.forEach(({ reload }) => reload(answers)),
    pendingRequests: () => servers.reduce((sum, { pending }) => sum + pending(), 0),
    async close() {
      await Promise.all(servers.map(({ stop }) => stop()))
      remove(folder)
      if (folders.size === 0) process.off('exit', removeAll)
    },
  }

  function openServer(unix: string, isLoopback: boolean) {
    const options = { unix, maxRequestBodySize, development: false, ...neverIdle }
    const websocket: WebSocketHandler<Connection> = { message() {} }
    const server = Bun.serve<Connection>({ ...options, websocket, fetch: (request) => first(request, known) })
    const known = knowing(server, isLoopback)
    return {
      pending: () => server.pendingRequests,
      stop: () => server.stop(true),
      reload: ({ fetch, websocket }: Answers) =>
        server.reload({ ...options, websocket, fetch: (request) => fetch(request, known) }),
    }
  }
}

/**
 * A feed may be silent, and a handshake may wait for its backend, for longer than any bound that Bun knows. Its types say
 * that there is none on sockets of the file system, but there is (10 seconds), and this takes it away.
 */
const neverIdle: object = { idleTimeout: 0 }

/** Of all doors that are open. */
const folders = new Set<string>()
const removeAll = () => folders.forEach(remove)

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

const near = { address: '127.0.0.1', family: 'IPv4', port: 0 } as const

/** A socket of the file system has no addresses: what is known of the peer is told instead. */
const knowing = (server: BunServer, isLoopback: boolean): BunServer => ({
  upgrade: server.upgrade.bind(server),
  publish: server.publish.bind(server),
  timeout: server.timeout.bind(server),
  requestIP: () => (isLoopback ? near : null),
})
