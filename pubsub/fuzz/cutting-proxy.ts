import { createServer, connect as dial, type AddressInfo, type Socket } from 'node:net'

/** Where one connection dies. Bytes count from the end of the handshake, or from the very first byte. */
export interface Cut {
  /** `down`: what the server says; `up`: what the client says. */
  direction: 'down' | 'up'
  from: 'handshake' | 'start'
  /** So many are passed on, and not one more. */
  bytes: number
}

/** Stands between clients and a service and cuts connections at an exact byte. */
export interface CuttingProxy extends AsyncDisposable {
  port: number
  /** For the next connections, in order; those after them live. */
  plan(cuts: Cut[]): void
  /** How many connections were cut. */
  cutCount(): number
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let planned: Cut[] = []
  let cutCount = 0
  const sockets = new Set<Socket>()
  const proxy = createServer({ noDelay: true, allowHalfOpen: false }, (client) => {
    const server = dial({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const cut = planned.shift()
    const kill = () => {
      cutCount++
      client.end()
      server.destroy()
    }
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    pass({ from: client, to: server, cut: cut?.direction === 'up' ? cut : undefined, kill })
    pass({ from: server, to: client, cut: cut?.direction === 'down' ? cut : undefined, kill })
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (proxy.address() as AddressInfo).port, // it listens on TCP
    plan(cuts) {
      planned = [...cuts]
    },
    cutCount: () => cutCount,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

interface Passage {
  from: Socket
  to: Socket
  cut: Cut | undefined
  kill: () => void
}

function pass({ from, to, cut, kill }: Passage): void {
  let head = ''
  let left = cut?.from === 'start' ? cut.bytes : Number.POSITIVE_INFINITY
  const allow = (chunk: Buffer) => {
    if (!cut || Number.isFinite(left)) return
    const before = head.length
    head += chunk.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end >= 0) left = end + 4 - before + cut.bytes
  }
  from.on('data', (chunk: Buffer) => {
    allow(chunk)
    if (chunk.length < left) {
      left -= chunk.length
      to.write(chunk)
      return
    }
    // the last bytes still arrive: what is written is flushed before the end
    to.write(chunk.subarray(0, left), kill)
    from.removeAllListeners('data').pause()
  })
  from.on('end', () => to.end()).on('close', () => to.destroySoon())
}
