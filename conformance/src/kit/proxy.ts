import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A TCP relay in front of the endpoint whose connections can be cut, without a close frame, at any byte. */
export interface Proxy {
  /** The same address, through the relay. */
  through(url: string): string
  /** Resets all connections that are open now; new ones are let through. */
  cut(): void
  /** Cuts the connection that is open now, or the next one, once it has relayed this many more bytes to the client. */
  cutAfter(bytes: number): void
  /** Requests that came so far: the first line of each. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Listens on a free port of this machine and relays to the endpoint, by TLS when it is `https`. */
export async function openProxy(endpoint: URL): Promise<Proxy> {
  const state = { pairs: new Set<() => void>(), requests: [] as string[], budget: Number.POSITIVE_INFINITY }
  const server = createServer((near) => relay(near, endpoint, state))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server has one
  const cut = () => state.pairs.forEach((end) => end())
  return {
    requests: state.requests,
    cut,
    cutAfter: (bytes) => void (state.budget = bytes),
    through(url) {
      const there = new URL(url)
      return `ws://127.0.0.1:${port}${there.pathname}${there.search}`
    },
    close() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface RelayState {
  pairs: Set<() => void>
  requests: string[]
  budget: number
}

function relay(near: Socket, endpoint: URL, state: RelayState): void {
  const far = dial(endpoint)
  const end = () => {
    near.resetAndDestroy()
    far.destroy()
    state.pairs.delete(end)
  }
  state.pairs.add(end)
  near.once('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1')
    state.requests.push(text.slice(0, text.indexOf('\r\n')))
    far.write(Buffer.from(text.replace(/^host:.*$/im, `Host: ${endpoint.host}`), 'latin1'))
    near.on('data', (more: Buffer) => far.write(more))
  })
  far.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, state.budget)
    state.budget -= part.length
    near.write(part, () => {
      if (part.length < chunk.length) end()
    })
    if (part.length < chunk.length) state.budget = Number.POSITIVE_INFINITY
  })
  for (const [here, there] of [[near, far] as const, [far, near] as const]) {
    here.on('end', () => there.end())
    here.on('error', end)
    here.on('close', end)
  }
}

function dial({ protocol, hostname, port }: URL): Socket {
  if (protocol === 'https:') return connectTls({ host: hostname, port: Number(port || 443), servername: hostname })
  return connectTcp({ host: hostname, port: Number(port || 80) })
}
