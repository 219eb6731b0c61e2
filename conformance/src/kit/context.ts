import { WebPubSubServiceClient } from '@azure/web-pubsub'
import type { CallbackHub } from './callback.ts'
import { type Client, isRefusal, open, type Refusal } from './client.ts'
import { Difference } from './expect.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { type Ask, openRest } from './rest.ts'
import type { Target } from './target.ts'
import { type Claims, now, signToken } from './token.ts'

export const json = 'json.webpubsub.azure.v1'
export const reliableJson = 'json.reliable.webpubsub.azure.v1'
export const protobuf = 'protobuf.webpubsub.azure.v1'
export const reliableProtobuf = 'protobuf.reliable.webpubsub.azure.v1'
export const mayJoin = 'webpubsub.joinLeaveGroup'
export const maySend = 'webpubsub.sendToGroup'
export const mayAll = [mayJoin, maySend]

export interface ConnectOptions {
  userId?: string
  roles?: string[]
  groups?: string[]
  /** Default: JSON. Empty: a simple client. */
  protocols?: string[]
  /** Added to the address behind the token, with its leading `&`. */
  query?: string
  /** Instead of the token that the other options make; null for none. */
  token?: string | null
  headers?: Record<string, string>
  /** Instead of the hub of the case. */
  hub?: string
  /** Opens through this relay. */
  proxy?: Proxy
}

/** What a case works with: a hub of its own, and tools that clean up after it. */
export interface Context {
  target: Target
  hub: string
  /** The official service client, 1.2.0, for the hub of the case. */
  service: WebPubSubServiceClient
  /** The data plane by plain HTTP. */
  rest: Ask
  /** Where the event handlers of the hub call; only for cases with `settings`. */
  callback: CallbackHub
  patienceMs: number
  /** The audience of client tokens. */
  audience(hub?: string): string
  /** A client token of exactly these claims; `aud`, `iat` and `exp` are there unless they are given. */
  token(claims?: Claims, key?: string): string
  clientUrl(options?: ConnectOptions): string
  /** Opens a client and takes its `connected` frame, if its subprotocol has one. Throws when the upgrade is refused. */
  connect(options?: ConnectOptions): Promise<Client>
  /** Tries to open a client; nothing is taken from it. */
  attempt(options?: ConnectOptions): Promise<Client | Refusal>
  /** The upgrade is refused with this status; returns the refusal. */
  refused(status: number, options?: ConnectOptions): Promise<Refusal>
  proxy(): Promise<Proxy>
  /** Runs at the end of the case, whatever comes of it. */
  defer(action: () => unknown): void
  /** Waits until `condition` holds, or throws a `Difference` that says what was waited for. */
  until(condition: () => unknown, what: string): Promise<void>
  /** A further service of our own, for cases that stop one. */
  startAnother(): Promise<AnotherService>
}

interface AnotherService {
  connect: () => Promise<Client>
  stop: () => Promise<void>
}

export interface ContextOptions {
  target: Target
  hub: string
  callback: CallbackHub
  patienceMs: number
  startAnother: () => Promise<{ target: Target; stop: () => Promise<void> }>
}

export function openContext({ target, hub, callback, patienceMs, startAnother }: ContextOptions) {
  const endings: (() => unknown)[] = []
  const context: Context = {
    target,
    hub,
    callback,
    patienceMs,
    service: new WebPubSubServiceClient(target.connectionString, hub, { allowInsecureConnection: true }),
    rest: openRest(target, hub),
    audience: (name = hub) => `${target.endpoint.origin}/client/hubs/${name}`,
    token: (claims = {}, key = target.key) =>
      signToken({ aud: context.audience(), iat: now(), exp: now() + 600, ...claims }, key),
    clientUrl: (options = {}) => clientUrl(context, options),
    attempt: async (options = {}) => {
      const { protocols = [json], headers = {}, proxy } = options
      const url = clientUrl(context, options)
      const answer = await open({ url: proxy ? proxy.through(url) : url, protocols, headers, patienceMs })
      if (!isRefusal(answer)) endings.push(() => answer.socket.terminate())
      return answer
    },
    connect: (options) => connect(context, options),
    async refused(status, options) {
      const answer = await context.attempt(options)
      const got = isRefusal(answer) ? answer.status : 101
      if (got !== status || !isRefusal(answer)) throw new Difference(`handshake ${status}`, `handshake ${got}`)
      return answer
    },
    async proxy() {
      const proxy = await openProxy(target.endpoint)
      endings.push(() => proxy.close())
      return proxy
    },
    defer: (action) => void endings.push(action),
    until: (condition, what) => until(condition, { what, patienceMs }),
    async startAnother() {
      const { target, stop } = await startAnother()
      endings.push(stop)
      const there = openContext({ target, hub, callback, patienceMs, startAnother })
      endings.push(there.close)
      return { connect: () => there.context.connect(), stop }
    },
  }
  return { context, close: () => Promise.allSettled(endings.toReversed().map(async (end) => end())) }
}

function clientUrl(context: Context, options: ConnectOptions): string {
  const { hub = context.hub, query = '', userId, roles, groups, token } = options
  const claims = {
    ...(options.hub === undefined ? {} : { aud: context.audience(hub) }),
    ...(userId === undefined ? {} : { sub: userId }),
    ...(roles ? { role: roles } : {}),
    ...(groups ? { 'webpubsub.group': groups } : {}),
  }
  const origin = context.target.endpoint.origin.replace(/^http/, 'ws')
  const credential = token === null ? '' : `access_token=${token ?? context.token(claims)}`
  return `${origin}/client/hubs/${hub}?${credential}${query}`
}

async function connect(context: Context, options: ConnectOptions = {}): Promise<Client> {
  const answer = await context.attempt(options)
  if (isRefusal(answer)) throw new Difference('handshake 101', `handshake ${answer.status} ${answer.body}`)
  const { protocols = [json] } = options
  if (!protocols[0]?.startsWith('json.')) return answer
  answer.connected = await answer.frame()
  answer.connectionId = String(answer.connected['connectionId'])
  return answer
}

async function until(condition: () => unknown, { what, patienceMs }: { what: string; patienceMs: number }) {
  const deadline = Date.now() + patienceMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Difference(what, `not within ${patienceMs / 1_000} s`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
