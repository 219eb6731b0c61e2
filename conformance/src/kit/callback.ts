import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebPubSubEventHandler, type WebPubSubEventHandlerOptions } from '@azure/web-pubsub-express'
import express from 'express'

/** A call of the service to an event handler. */
export interface Call {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  /** Names as they were sent, in their order. */
  names: string[]
  body: Promise<Buffer>
}

export interface Answer {
  status?: number
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
}

/** Where the handlers of one hub call. */
export interface CallbackHub {
  /** All calls, in the order they came. */
  calls: Call[]
  /** Those of one event, by its name. */
  named(event: string): Call[]
  /** Microsoft's express middleware answers from now on. */
  express(options: WebPubSubEventHandlerOptions): void
  /** This function answers from now on; validation (`OPTIONS`) is still allowed unless it returns something for it. */
  answer(respond: Respond): void
}

/** Undefined: as a handler that has nothing to say, and allows every origin. */
type Respond = (call: Call) => Answer | undefined | Promise<Answer | undefined>

type Responder = (request: IncomingMessage, response: ServerResponse, call: Call) => void

export interface CallbackServer {
  /** `http://127.0.0.1:<port>` */
  origin: string
  hub(name: string): CallbackHub
  close(): Promise<void>
}

/** The server that the service's event handlers reach: `/<handler>/<hub>/<event>`. */
export async function openCallbackServer(): Promise<CallbackServer> {
  const hubs = new Map<string, { calls: Call[]; respond: Responder }>()
  const server = createServer((request, response) => {
    const [, , hub = ''] = (request.url ?? '').split('/')
    const entry = hubs.get(hub.toLowerCase())
    if (!entry) {
      response.writeHead(404).end()
      return
    }
    const call = record(request)
    entry.calls.push(call)
    entry.respond(request, response, call)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server has one
  return {
    origin: `http://127.0.0.1:${port}`,
    hub(name) {
      const entry = { calls: [] as Call[], respond: plainly(() => undefined) }
      hubs.set(name.toLowerCase(), entry)
      return {
        calls: entry.calls,
        named: (event) => entry.calls.filter(({ headers }) => headers['ce-eventname'] === event),
        express: (options) => void (entry.respond = byExpress(name, options)),
        answer: (respond) => void (entry.respond = plainly(respond)),
      }
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function record(request: IncomingMessage): Call {
  const body = new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
  })
  const { method = '', url = '', headers, rawHeaders } = request
  return { method, url, headers, names: rawHeaders.filter((_, at) => at % 2 === 0), body }
}

function plainly(respond: Respond): Responder {
  return (_, response, call) => {
    void reply(response, { call, answer: respond(call) })
  }
}

async function reply(response: ServerResponse, { call, answer }: Replying): Promise<void> {
  const { status = 200, headers = {}, body } = (await answer) ?? defaultAnswer(call)
  response.writeHead(status, headers).end(body)
}

interface Replying {
  call: Call
  answer: ReturnType<Respond>
}

const defaultAnswer = ({ method }: Call): Answer =>
  method === 'OPTIONS' ? { headers: { 'WebHook-Allowed-Origin': '*' } } : { status: 204 }

function byExpress(hub: string, options: WebPubSubEventHandlerOptions): Responder {
  const app = express()
  app.use(new WebPubSubEventHandler(hub, { path: `/express/${hub}/`, ...options }).getMiddleware())
  return (request, response) => app(request, response)
}
