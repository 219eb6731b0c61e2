import type { ClientEventName, ServerEvent, TokenResponse } from '@chatr/protocol'
import { until } from './until.ts'

/** A frame from the service, as it came. */
export interface Frame {
  type: string
  from?: 'group' | 'server'
  group?: string
  fromUserId?: string
  data?: unknown
  ackId?: number
  success?: boolean
  error?: { name: string; message: string }
  event?: string
  connectionId?: string
  message?: string
}

/** Who is signed in: a cookie and what it stands for. */
export interface Session {
  readonly base: string
  readonly cookie: string
  readonly userId: string
  /** Asks an HTTP route as this person. */
  get(path: string, headers?: Record<string, string>): Promise<Response>
}

/** A WebSocket client that believes nothing and can send anything. */
export interface RawClient {
  readonly session: Session
  readonly userId: string
  readonly frames: Frame[]
  readonly closed: Promise<{ code: number; reason: string }>
  isOpen(): boolean
  sendText(text: string): void
  send(frame: object): void
  /** Raises an event; resolves with the ack and, when it was refused, the `failed` that came before it. */
  ask(event: ClientEventName | (string & {}), data: unknown): Promise<Answer>
  /** The first frame, past or future, that fits. */
  frame(fits: (frame: Frame) => boolean, what?: string): Promise<Frame>
  /** The data of the first server event of this name, past or future, that fits. */
  told<Name extends ServerEvent['chatEvent']>(name: Name, fits?: (data: DataOf<Name>) => boolean): Promise<DataOf<Name>>
  /** Every server event so far. */
  heard(): ServerEvent[]
  /** Resolves when everything that was on its way to this client has come. */
  settle(): Promise<void>
  close(): Promise<void>
}

export type DataOf<Name extends ServerEvent['chatEvent']> = Extract<ServerEvent, { chatEvent: Name }>['data']

export interface Answer {
  ack: Frame
  failed: DataOf<'failed'> | undefined
}

/** Signs in as a guest, or through an emulated provider. */
export async function signIn(base: string, name: string, via: 'guest' | 'github' | 'aad' = 'guest'): Promise<Session> {
  const response = await fetch(`${base}/.auth/login/${via}`, {
    method: 'POST',
    body: new URLSearchParams({ name }),
    redirect: 'manual',
  })
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${base}${path}`, { headers: { ...headers, cookie }, redirect: 'manual' })
  const me = (await (await get('/.auth/me')).json()) as { clientPrincipal: { userId: string } | null }
  if (!me.clientPrincipal) throw new Error(`sign-in of ${name} answered ${response.status}: ${await response.text()}`)
  return { base, cookie, userId: me.clientPrincipal.userId, get }
}

/** Signs in and connects; resolves once the service has said `connected`. */
export async function join(base: string, name: string, via: 'guest' | 'github' | 'aad' = 'guest'): Promise<RawClient> {
  return connect(await signIn(base, name, via))
}

export async function connect(session: Session): Promise<RawClient> {
  const answer = await session.get('/api/getToken')
  if (!answer.ok) throw new Error(`getToken answered ${answer.status}`)
  const { url } = (await answer.json()) as TokenResponse
  const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
  const frames: Frame[] = []
  socket.addEventListener('message', ({ data }) => frames.push(JSON.parse(String(data)) as Frame))
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
  )
  const client = clientOf(session, socket, { frames, closed })
  await client.frame(({ type, event }) => type === 'system' && event === 'connected', 'connected')
  return client
}

interface Wire {
  frames: Frame[]
  closed: Promise<{ code: number; reason: string }>
}

function clientOf(session: Session, socket: WebSocket, { frames, closed }: Wire): RawClient {
  let lastAckId = 0
  const send = (frame: object) => socket.send(JSON.stringify(frame))
  const frame = (fits: (frame: Frame) => boolean, what = 'a frame that fits') =>
    until(
      () => frames.find(fits),
      () => `${what}; came: ${JSON.stringify(frames.slice(-5))}`,
    )
  const heard = () =>
    frames
      .filter(({ type, fromUserId }) => type === 'message' && fromUserId === undefined)
      .map(({ data }) => data as ServerEvent)

  return {
    session,
    userId: session.userId,
    frames,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    sendText: (text) => socket.send(text),
    send,
    ask: async (event, data) => {
      const ackId = ++lastAckId
      const start = frames.length
      send({ type: 'event', event, ackId, dataType: typeof data === 'string' ? 'text' : 'json', data })
      const ack = await frame((one) => one.type === 'ack' && one.ackId === ackId, `the ack of ${event}`)
      const failed = frames
        .slice(start, frames.indexOf(ack))
        .map((one) => one.data as ServerEvent | undefined)
        .find((one) => one?.chatEvent === 'failed' && one.data.event === event)
      return { ack, failed: failed?.data as DataOf<'failed'> | undefined }
    },
    frame,
    told: (name, fits = () => true) =>
      until(
        () => heard().find((one) => one.chatEvent === name && fits(one.data as DataOf<typeof name>))?.data,
        () => `the event ${name}; came: ${JSON.stringify(heard().slice(-5))}`,
      ) as Promise<DataOf<typeof name>>,
    heard,
    settle: async () => {
      const ackId = ++lastAckId
      send({ type: 'event', event: 'userExitIdle', ackId, dataType: 'json', data: {} })
      await frame((one) => one.type === 'ack' && one.ackId === ackId, 'the ack of settle')
    },
    close: async () => {
      socket.close()
      await closed
    },
  }
}
