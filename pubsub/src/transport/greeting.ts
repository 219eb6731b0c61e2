import type { Socket as TcpSocket } from 'bun'
import { type Rejection, settleHandshake, shakeHands } from '../handshake.ts'
import { describeError } from '../log.ts'
import type { Connection, Inside } from '../model.ts'
import { openSocket } from '../socket-events.ts'
import { formatAcceptance, formatRejection } from './handshake-answer.ts'
import { RawSocket } from './raw-socket.ts'
import { mayBeUpgrade, readUpgrade, type UpgradeRequest } from './request-head.ts'
import type { Stage } from './stage.ts'
import type { Yard } from './yard.ts'

/** What the first request of a TCP connection meets. */
export interface Reception {
  scheme: 'http' | 'https'
  yard: Yard
  inside: Inside
  /** Takes what is no client's handshake, with all that came of it so far. */
  passOn: (tcp: TcpSocket<Stage>, bytes: Buffer) => Stage
}

const headMaxBytes = 16_384
/** For a request to come, and for an answer to be read. */
const patienceMs = 10_000
/** What a client may say before it is answered; the rest waits in its own buffers. */
const earlyMaxBytes = 65_536
const nothing = Buffer.alloc(0)

type State = 'reading' | 'asking' | 'leaving' | 'gone'

/** Waits for the first request and answers it, if it is the handshake of a client. A class, as each client has one. */
export class Greeting implements Stage {
  readonly #tcp: TcpSocket<Stage>
  readonly #reception: Reception
  #state: State = 'reading'
  /** What came and was not used. */
  #bytes: Buffer = nothing

  constructor(tcp: TcpSocket<Stage>, reception: Reception) {
    this.#tcp = tcp
    this.#reception = reception
    reception.yard.deadlines.set(this, patienceMs)
  }

  takeData(segment: Buffer): void {
    if (this.#state !== 'reading' && this.#state !== 'asking') return
    this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, segment]) : segment
    if (this.#state === 'reading') this.#readHead()
    else if (this.#bytes.length > earlyMaxBytes) this.#tcp.pause()
  }

  takeDrain(): void {}

  takeEnd(): void {
    this.takeClosed()
    this.#tcp.end()
  }

  takeClosed(): void {
    this.#state = 'gone'
    this.#reception.yard.deadlines.clear(this)
  }

  takeTimeout(): void {
    this.#tcp.terminate()
  }

  #readHead(): void {
    const bytes = this.#bytes
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0 && bytes.length <= headMaxBytes && mayBeUpgrade(bytes)) return
    const { yard, scheme, passOn } = this.#reception
    const isShort = end >= 0 && end <= headMaxBytes
    const upgrade = isShort ? readUpgrade(bytes, end, scheme) : undefined
    yard.deadlines.clear(this)
    this.#bytes = upgrade ? bytes.subarray(end + 4) : nothing
    this.#state = upgrade ? 'asking' : 'gone'
    if (upgrade) void this.#answer(upgrade)
    else this.#tcp.data = passOn(this.#tcp, bytes)
  }

  /** The one catch of this edge: what is thrown here is a fault of ours. */
  async #answer(upgrade: UpgradeRequest): Promise<void> {
    const { engine } = this.#reception.inside
    try {
      await this.#decide(upgrade)
    } catch (error) {
      engine.log({ level: 'error', event: 'requestFailed', path: '/client', error: describeError(error) })
      this.#refuse({ status: 500, text: '' })
    }
  }

  async #decide({ request, key }: UpgradeRequest): Promise<void> {
    const { engine, tokens } = this.#reception.inside
    const asked = await shakeHands(engine, tokens, request)
    if (this.#state === 'gone') return
    const handshake = settleHandshake(engine, asked)
    if (!handshake.ok) this.#refuse(handshake.rejection)
    else this.#welcome(handshake.connection, formatAcceptance(key, handshake.subprotocolName))
  }

  #welcome(connection: Connection, acceptance: Buffer): void {
    const socket = new RawSocket(connection, this.#tcp, this.#reception.yard)
    this.#tcp.data = socket
    socket.sendFrame(acceptance)
    openSocket(connection, socket)
    if (this.#bytes.length > earlyMaxBytes) this.#tcp.resume()
    if (this.#bytes.length > 0) socket.takeData(this.#bytes)
  }

  #refuse(rejection: Rejection): void {
    if (this.#state === 'gone') return
    this.#state = 'leaving'
    this.#reception.yard.deadlines.set(this, patienceMs)
    this.#tcp.write(formatRejection(rejection))
    this.#tcp.shutdown()
  }
}
