import type { Server as NetServer, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { ConnectionContext, ConnectRequest } from '../ports.ts'
import { testKeys } from '../testing/service.ts'
import { createWebhookHandler, type WebhookHandler, type WebhookOptions } from './webhook-handler.ts'

/** What a handler answers: the bytes, or what to do with the socket. */
export type RawAnswer = string | Buffer | ((socket: Socket) => void)

export interface Receiver extends AsyncDisposable {
  port: number
  /** Every request as its very bytes, one character each, in order of arrival. */
  requests: string[]
  /** The requests that are no questions for permission. */
  posts: string[]
  /** Sockets that were opened, in total. */
  opened: () => number
  dropSockets(): void
}

/** A server that keeps what it gets, and answers what it is told; questions for permission get a yes by themselves. */
export async function startReceiver(
  answer: (request: string, at: number) => RawAnswer = () => ok(),
  validate: (request: string) => RawAnswer = () =>
    'HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\n\r\n',
): Promise<Receiver> {
  const requests: string[] = []
  const posts: string[] = []
  const sockets = new Set<Socket>()
  let opened = 0
  const take = (socket: Socket, request: string) => {
    requests.push(request)
    const isPost = request.startsWith('POST ')
    if (isPost) posts.push(request)
    const reply = isPost ? answer(request, posts.length) : validate(request)
    if (typeof reply === 'function') reply(socket)
    else socket.write(reply)
  }
  const server = createServer((socket) => {
    opened++
    sockets.add(socket)
    socket.setNoDelay(true).on('error', () => {})
    let rest = ''
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const split = splitRequests(rest + chunk.toString('latin1'))
      rest = split.rest
      for (const request of split.whole) take(socket, request)
    })
  })
  const port = await listen(server)
  const dropSockets = () => sockets.forEach((socket) => socket.destroy())
  return {
    port,
    requests,
    posts,
    opened: () => opened,
    dropSockets,
    async [Symbol.asyncDispose]() {
      dropSockets()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function listen(server: NetServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

function splitRequests(text: string): { whole: string[]; rest: string } {
  const whole: string[] = []
  let rest = text
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n')
    const length = Number(/\r\nContent-Length: (\d+)/i.exec(rest.slice(0, headEnd))?.[1] ?? 0)
    const end = headEnd + 4 + length
    if (headEnd === -1 || rest.length < end) return { whole, rest }
    whole.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
}

/** A whole answer with the lines given, and a body. */
export function respond(status: number, lines: string[], body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body)
  const head = [`HTTP/1.1 ${status} X`, ...lines, `Content-Length: ${bytes.byteLength}`, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

export const ok = (lines: string[] = [], body: string | Uint8Array = '') => respond(200, lines, body)

export const headerOf = (request: string, name: string): string | undefined =>
  request
    .split('\r\n\r\n')[0]
    ?.split('\r\n')
    .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))
    ?.slice(name.length + 2)

export const bodyIn = (request: string) => request.slice(request.indexOf('\r\n\r\n') + 4)

/** `sent`, or the name of the fault. */
export const outcomeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: Error) => error.name,
  )

type HandlerOptions = Partial<WebhookOptions> & { url?: string }

/** A handler for everything at one address, which has no patience: it tries four times without a pause. */
export function openHandler(port: number, options: HandlerOptions = {}): WebhookHandler {
  const { url = `http://127.0.0.1:${port}/hook`, ...rest } = options
  return createWebhookHandler({
    handlers: [{ urlTemplate: url, userEventPattern: '*', systemEvents: ['connect', 'connected', 'disconnected'] }],
    origin: 'contoso.example',
    signingKeys: () => testKeys,
    retryDelaysMs: [0, 0, 0],
    timeoutMs: 5_000,
    ...rest,
  })
}

const connectionId = '0f6c1f5d2b7a4e5c9a3d8b1e6c4f7a20'

export const context = (fields: Partial<ConnectionContext> = {}): ConnectionContext => ({
  hub: 'chat',
  connectionId,
  userId: 'alice',
  subprotocol: 'json.webpubsub.azure.v1',
  state: undefined,
  ...fields,
})

export const question = (fields: Partial<ConnectRequest> = {}): ConnectRequest => ({
  hub: 'chat',
  connectionId,
  userId: 'alice',
  claims: { sub: ['alice'], role: ['webpubsub.sendToGroup'] },
  query: { room: ['1'] },
  headers: { 'User-Agent': ['a browser'] },
  subprotocols: ['json.webpubsub.azure.v1'],
  ...fields,
})

export const textEvent = (text = 'hi') => ({ name: 'message', payload: { dataType: 'text', data: text } }) as const
