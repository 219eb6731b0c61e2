import * as newest from '@azure/web-pubsub-client'
import * as older from '@azure/web-pubsub-client-1.0.4'
import * as oldest from '@azure/web-pubsub-client-1.0.2'
import type { ConnectOptions, Context } from './context.ts'

/** What all versions of the official client share; the suite uses nothing else of the older ones. */
export type SdkClient = Pick<
  oldest.WebPubSubClient,
  'start' | 'stop' | 'on' | 'joinGroup' | 'leaveGroup' | 'sendToGroup' | 'sendEvent'
>

/** A version of `@azure/web-pubsub-client`, as published. */
interface Sdk {
  version: string
  json: (url: string, options?: SdkOptions) => SdkClient
  reliable: (url: string, options?: SdkOptions) => SdkClient
}

export type SdkOptions = Omit<oldest.WebPubSubClientOptions, 'protocol'>

export const sdks: readonly Sdk[] = [
  {
    version: '1.1.0',
    json: (url, options) => new newest.WebPubSubClient(url, { protocol: newest.WebPubSubJsonProtocol(), ...options }),
    reliable: (url, options) =>
      new newest.WebPubSubClient(url, { protocol: newest.WebPubSubJsonReliableProtocol(), ...options }),
  },
  {
    version: '1.0.4',
    json: (url, options) => new older.WebPubSubClient(url, { protocol: older.WebPubSubJsonProtocol(), ...options }),
    reliable: (url, options) =>
      new older.WebPubSubClient(url, { protocol: older.WebPubSubJsonReliableProtocol(), ...options }),
  },
  {
    version: '1.0.2',
    json: (url, options) => new oldest.WebPubSubClient(url, { protocol: oldest.WebPubSubJsonProtocol(), ...options }),
    reliable: (url, options) =>
      new oldest.WebPubSubClient(url, { protocol: oldest.WebPubSubJsonReliableProtocol(), ...options }),
  },
]

export interface Heard {
  connected: { connectionId: string; userId: string }[]
  disconnected: (string | undefined)[]
  stopped: number
  group: { group: string; fromUserId: string | undefined; data: unknown; sequenceId: number | undefined }[]
  server: unknown[]
  rejoinFailed: string[]
}

/** Starts the client, records what it emits, and stops it at the end of the case. */
export async function begin<T extends SdkClient>(context: Context, client: T): Promise<T & { heard: Heard }> {
  const heard: Heard = { connected: [], disconnected: [], stopped: 0, group: [], server: [], rejoinFailed: [] }
  client.on('connected', ({ connectionId, userId }) => heard.connected.push({ connectionId, userId }))
  client.on('disconnected', ({ message }) => heard.disconnected.push(message?.message))
  client.on('stopped', () => (heard.stopped += 1))
  client.on('group-message', ({ message: { group, fromUserId, data, sequenceId } }) =>
    heard.group.push({ group, fromUserId, data, sequenceId }),
  )
  client.on('server-message', ({ message }) => heard.server.push(message.data))
  client.on('rejoin-group-failed', ({ group }) => heard.rejoinFailed.push(group))
  context.defer(() => client.stop())
  await client.start()
  await context.until(() => heard.connected.length > 0, 'the connected event of the client')
  return Object.assign(client, { heard })
}

/** Version 1.1.0 with the reliable protocol, which has invocations and streams. */
export async function beginNewest(context: Context, options: ConnectOptions = {}) {
  const url = context.clientUrl(options)
  const there = options.proxy ? options.proxy.through(url) : url
  return begin(context, new newest.WebPubSubClient(there, { protocol: newest.WebPubSubJsonReliableProtocol() }))
}

/** Version 1.0.4, which has invocations too. */
export async function beginOlder(context: Context, options: ConnectOptions = {}) {
  return begin(context, new older.WebPubSubClient(context.clientUrl(options)))
}
