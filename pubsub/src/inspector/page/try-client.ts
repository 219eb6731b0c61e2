import type { FrameRow } from '../feed.ts'
import { post } from './api.ts'

/** A client of this page's own, to try things with. */
export interface TryClient {
  status: 'closed' | 'connecting' | 'open'
  protocol: string
  /** Newest last; bounded. */
  frames: FrameRow[]
  connectionId: string | undefined
  connect(wish: TryWish): Promise<void>
  /** Text as it is: a frame of the subprotocol, or for a simple client a message. */
  send(text: string): void
  close(): void
  clear(): void
}

interface TryWish {
  hub: string
  userId: string
  roles: string[]
  groups: string[]
  protocol: string
}

export const protocols = [
  { name: 'json.webpubsub.azure.v1', label: 'JSON' },
  { name: 'json.reliable.webpubsub.azure.v1', label: 'Reliable JSON' },
  { name: '', label: 'Simple (none)' },
] as const

const framesMax = 200

export function createTryClient(changed: () => void): TryClient {
  const line: Line = { socket: undefined, count: 0, changed }
  const client: TryClient = {
    status: 'closed',
    protocol: '',
    frames: [],
    connectionId: undefined,
    async connect(wish) {
      client.close()
      Object.assign(client, { status: 'connecting', protocol: wish.protocol })
      changed()
      const address = await addressFor(wish)
      // meanwhile somebody may have thought otherwise
      if (client.status !== 'connecting') return
      if (!address.ok) return end(client, line, address.error)
      line.socket = wish.protocol === '' ? new WebSocket(address.url) : new WebSocket(address.url, wish.protocol)
      listen(client, line, line.socket)
    },
    send(text) {
      if (line.socket?.readyState !== WebSocket.OPEN) return
      line.socket.send(text)
      add(client, line, { direction: 'in', data: text })
    },
    close() {
      line.socket?.close()
      end(client, line)
    },
    clear() {
      client.frames = []
      changed()
    },
  }
  return client
}

/** What only this module knows of a client. */
interface Line {
  socket: WebSocket | undefined
  /** Frames so far. */
  count: number
  changed: () => void
}

function listen(client: TryClient, line: Line, socket: WebSocket): void {
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    client.status = 'open'
    line.changed()
  })
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    add(client, line, { direction: 'out', data })
    if (typeof data === 'string' && client.protocol !== '') answer(client, line, data)
  })
  socket.addEventListener('close', ({ code, reason }) => {
    if (line.socket === socket) end(client, line, `The connection was closed: ${code}${reason ? ` ${reason}` : ''}.`)
  })
}

/** Takes the connection's id from `connected`, and confirms what came with a number, as reliable clients have to. */
function answer(client: TryClient, line: Line, text: string): void {
  // every text frame of a JSON subprotocol is an object
  const { event, connectionId, sequenceId } = JSON.parse(text) as {
    event?: string
    connectionId?: string
    sequenceId?: number
  }
  if (event === 'connected') client.connectionId = connectionId
  if (sequenceId !== undefined) client.send(JSON.stringify({ type: 'sequenceAck', sequenceId }))
}

function end(client: TryClient, line: Line, sentence?: string): void {
  if (sentence !== undefined) add(client, line, { direction: 'out', data: sentence })
  line.socket = undefined
  Object.assign(client, { status: 'closed', connectionId: undefined })
  line.changed()
}

interface Passed {
  direction: FrameRow['direction']
  data: string | ArrayBuffer
}

function add(client: TryClient, line: Line, { direction, data }: Passed): void {
  const content = typeof data === 'string' ? { text: data } : { hex: toHex(data) }
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength
  const row: FrameRow = { number: ++line.count, at: Date.now(), direction, bytes, isCut: false, ...content }
  client.frames = [...client.frames, row].slice(-framesMax)
  line.changed()
}

type Address = { ok: true; url: string } | { ok: false; error: string }

async function addressFor({ hub, userId, roles, groups }: TryWish): Promise<Address> {
  const user = userId === '' ? {} : { userId }
  const outcome = await post<{ path: string; token: string }>('token', { hub, ...user, roles, groups })
  if (!outcome.ok) return outcome
  const { path, token } = outcome.answer
  return { ok: true, url: `${location.origin.replace(/^http/, 'ws')}${path}?access_token=${token}` }
}

const toHex = (data: ArrayBuffer) =>
  Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('')
