import type { Socket as TcpSocket } from 'bun'
import type { Inside } from '../model.ts'
import { isLoopbackHost } from '../start/keys.ts'
import { createDeadlines } from './deadlines.ts'
import { Greeting, type Reception } from './greeting.ts'
import { type Answers, openInnerServers } from './inner-servers.ts'
import { createRawCarrier } from './raw-carrier.ts'
import type { Stage } from './stage.ts'
import { createTunnel, stageHandler } from './tunnel.ts'
import { createYard } from './yard.ts'

export interface DoorOptions {
  hostname: string
  port: number
  tls?: { cert: string; key: string } | undefined
  maxRequestBodySize: number
  /** What requests get before `answerWith`. */
  first: Answers['fetch']
}

/** A port of which clients of one service get WebSockets on bare TCP, and everything else plain HTTP. */
export interface Door {
  port: number
  /** Lets clients in: from now on the connections of this service are carried by this door. */
  answerWith: (answers: Answers & { inside: Inside }) => void
  /** Requests of plain HTTP that have no answer yet. */
  pendingRequests: () => number
  /** Ends every connection that is left, and gives the port back. */
  close: () => Promise<void>
}

/** Takes the port at once. Throws what `Bun.listen` throws when it cannot. */
export function openDoor({ hostname, port, tls, maxRequestBodySize, first }: DoorOptions): Door {
  let reception: Reception | undefined
  const listener = Bun.listen<Stage>({
    hostname,
    port,
    ...(tls && { tls }),
    allowHalfOpen: true,
    socket: {
      ...stageHandler,
      open(tcp) {
        tcp.setNoDelay(true)
        tcp.data = reception ? new Greeting(tcp, reception) : passOn(tcp, Buffer.alloc(0))
      },
    },
  })
  const deadlines = createDeadlines<Stage>((stage) => stage.takeTimeout())
  const inner = openInnerServers({ maxRequestBodySize, first })
  const passOn = (tcp: TcpSocket<Stage>, bytes: Buffer) =>
    createTunnel(tcp, { path: inner.pathFor(isLoopbackHost(tcp.remoteAddress)), first: bytes, deadlines })
  return {
    port: listener.port,
    answerWith({ inside, ...answers }) {
      const yard = createYard(inside.engine, deadlines)
      inside.engine.carrier = createRawCarrier(yard)
      inner.answerWith(answers)
      reception = { inside, yard, passOn, scheme: tls ? 'https' : 'http' }
    },
    pendingRequests: () => inner.pendingRequests(),
    async close() {
      reception?.yard.flush()
      listener.stop(true)
      await inner.close()
    },
  }
}
