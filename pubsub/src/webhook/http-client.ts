import { type FaultName, webhookFault } from './fault.ts'
import { createAnswerReader, type HttpAnswer, type Progress } from './http-answer.ts'
import { type Line, openLine } from './http-line.ts'
import type { Target } from './settings.ts'
import { type Claim, openTurns, type Turns } from './turns.ts'

export interface HttpRequest {
  method: 'POST' | 'OPTIONS' | 'GET'
  target: Target
  /** The client connection that it is about: each gets its turn. */
  client: string
  /** Somebody waits to be let in: such requests go first. */
  isHandshake: boolean
  /** Names and values by turns, without `Host` and `Content-Length`; checked by the caller. */
  headers: readonly string[]
  body: Uint8Array | undefined
}

/** What is waited for, and how much of it is taken. */
interface Patience {
  /** Until the headers are there; a connection is opened within it. */
  headersMs: number
  /** From there to the end of the body. */
  bodyMs: number
  /** A success with more is a fault; 0: the body is of no interest. */
  bodyMaxBytes: number
}

export interface HttpClient {
  /**
   * Sends once. Rejects with a fault: `NetworkError` (nothing came back), `Timeout`, `BadAnswer` (what came back is no
   * answer), or `Overloaded` (too much waits for this server). Redirects are not followed and nothing is unpacked.
   */
  send(request: HttpRequest, patience: Patience): Promise<HttpAnswer>
  /** Closes the connections that nobody uses, and from now on each as soon as nobody does. */
  close(): void
}

export interface HttpClientOptions {
  /** Requests beyond that wait for a connection to the same server. */
  connectionsMax: number
  /** Certificates to trust, in PEM, instead of those that the system trusts. */
  ca?: string | undefined
}

/**
 * Keeps connections alive, by server, so that one that hangs holds up nobody else. It is our own because of the cost:
 * Bun's `node:http` takes six times the CPU for each request, and Bun's `fetch`, cheap with few of them, keeps no more
 * than 64 connections and has no more than 256 requests under way in the whole process.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pools = new Map<string, Pool>()
  const poolOf = (target: Target) => {
    const key = `${target.isTls ? 'https' : 'http'}://${target.hostname}:${target.port}`
    const pool = pools.get(key) ?? {
      ...options,
      target,
      isClosed: false,
      idle: [],
      open: 0,
      turns: openTurns<Exchange>(),
    }
    pools.set(key, pool)
    return pool
  }
  return {
    send: (request, patience) => send(poolOf(request.target), request, patience),
    close() {
      for (const pool of pools.values()) {
        pool.isClosed = true
        for (const line of pool.idle.splice(0)) line.end()
      }
    },
  }
}

/** The connections to one server. */
interface Pool extends HttpClientOptions {
  target: Target
  isClosed: boolean
  idle: Line[]
  open: number
  turns: Turns<Exchange>
}

interface Exchange extends Claim {
  request: Buffer
  patience: Patience
  /** How often it met a connection that the server had just closed. */
  staleTries: number
  line: Line | undefined
  timer: Timer | undefined
  resolve: (answer: HttpAnswer) => void
  reject: (error: Error) => void
}

const staleTriesMax = 3

function send(pool: Pool, request: HttpRequest, patience: Patience): Promise<HttpAnswer> {
  const { client, isHandshake } = request
  const bytes = formatRequest(request)
  return new Promise((resolve, reject) => {
    const exchange: Exchange = {
      client,
      isHandshake,
      request: bytes,
      bytes: bytes.byteLength,
      patience,
      staleTries: 0,
      line: undefined,
      timer: undefined,
      resolve,
      reject,
    }
    exchange.timer = setTimeout(() => expire(pool, exchange, 'no answer in time'), patience.headersMs)
    enqueue(pool, exchange)
  })
}

function enqueue(pool: Pool, exchange: Exchange): void {
  if (pool.turns.add(exchange)) dispatch(pool)
  else fail(pool, exchange, ['Overloaded', 'too many requests wait for the handler'])
}

/** Gives the connections that are free to those whose turn it is. */
function dispatch(pool: Pool): void {
  for (;;) {
    const free = pool.connectionsMax - pool.open + pool.idle.length
    const exchange = pool.turns.take(free)
    if (!exchange) return
    begin(pool, exchange, pool.idle.pop() ?? connect(pool))
  }
}

function connect(pool: Pool): Line {
  pool.open++
  const line = openLine(pool.target, pool.ca, () => {
    pool.open--
    const at = pool.idle.indexOf(line)
    if (at !== -1) pool.idle.splice(at, 1)
    dispatch(pool)
  })
  return line
}

/** A server may close an idle connection in the very moment in which it is used again: then another one is used. */
function begin(pool: Pool, exchange: Exchange, line: Line): void {
  exchange.line = line
  const reader = createAnswerReader(exchange.patience.bodyMaxBytes)
  const wasUsed = line.uses > 0
  let hasBytes = false
  const advance = (progress: Progress) => {
    if (progress.is === 'whole') finish(pool, exchange, progress)
    else if (progress.is === 'fault')
      fail(pool, exchange, [reader.hasHead ? 'BadAnswer' : 'NetworkError', progress.fault])
  }
  line.exchange(exchange.request, {
    data(chunk) {
      const hadHead = reader.hasHead
      hasBytes = true
      const progress = reader.read(chunk)
      if (!hadHead && reader.hasHead && progress.is === 'more') waitForBody(pool, exchange)
      advance(progress)
    },
    closed(reason) {
      detach(pool, exchange)
      if (hasBytes) advance(reader.end())
      else if (wasUsed && ++exchange.staleTries < staleTriesMax) enqueue(pool, exchange)
      else fail(pool, exchange, ['NetworkError', reason])
      dispatch(pool)
    },
  })
}

function waitForBody(pool: Pool, exchange: Exchange): void {
  clearTimeout(exchange.timer)
  const expired = () => expire(pool, exchange, 'the body did not come in time')
  exchange.timer = setTimeout(expired, exchange.patience.bodyMs)
}

function finish(pool: Pool, exchange: Exchange, { answer, isReusable }: Progress & { is: 'whole' }): void {
  const line = detach(pool, exchange)
  clearTimeout(exchange.timer)
  exchange.resolve(answer)
  if (!line) return
  const isSent = line.release()
  if (!isReusable || !isSent || pool.isClosed) {
    line.end()
    return
  }
  pool.idle.push(line)
  dispatch(pool)
}

/** It is under way no longer. */
function detach(pool: Pool, exchange: Exchange): Line | undefined {
  const { line } = exchange
  if (line) pool.turns.end(exchange)
  exchange.line = undefined
  return line
}

function expire(pool: Pool, exchange: Exchange, message: string): void {
  pool.turns.remove(exchange)
  fail(pool, exchange, ['Timeout', message])
}

function fail(pool: Pool, exchange: Exchange, [name, message]: [FaultName, string]): void {
  const line = detach(pool, exchange)
  clearTimeout(exchange.timer)
  exchange.reject(webhookFault(name, message))
  line?.end()
}

function formatRequest({ method, target, headers, body }: HttpRequest): Buffer {
  let head = `${method} ${target.path} HTTP/1.1\r\nHost: ${target.host}\r\n`
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`
  if (!body) return Buffer.from(`${head}\r\n`, 'latin1')
  head += `Content-Length: ${body.byteLength}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + body.byteLength)
  bytes.write(head, 'latin1')
  bytes.set(body, head.length)
  return bytes
}
