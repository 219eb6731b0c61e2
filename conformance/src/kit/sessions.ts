import type { Client } from './client.ts'
import { type ConnectOptions, type Context, reliableJson } from './context.ts'
import { same } from './expect.ts'

/** Why a recovery that cannot be is closed. */
export const lost = 'The connection could not be recovered.'

/** A text from `server` on a reliable connection. */
export const numbered = (sequence: number, text: string) =>
  `{"type":"message","from":"server","dataType":"text","data":"${text}","sequenceId":${sequence}}`

export const reliable = (context: Context, options: ConnectOptions = {}) =>
  context.connect({ ...options, protocols: [reliableJson] })

export const send = ({ service }: Context, { connectionId }: Client, text: string) =>
  service.sendToConnection(connectionId, text, { contentType: 'text/plain' })

export const query = ({ connectionId, connected }: Client) =>
  `&awps_connection_id=${connectionId}&awps_reconnection_token=${String(connected['reconnectionToken'])}`

/** A client behind a relay that can be cut; resolves once the client knows. */
export async function cuttable(context: Context, options: ConnectOptions = {}) {
  const proxy = await context.proxy()
  const client = await reliable(context, { ...options, proxy })
  const cut = async () => {
    proxy.cut()
    await client.closing()
  }
  return { client, proxy, cut }
}

/** The socket of a recovery, whatever comes on it. */
export async function recover(context: Context, client: Client): Promise<Client> {
  const answer = await context.attempt({ protocols: [reliableJson], query: query(client) })
  if ('status' in answer) throw new Error(`the recovery was refused with ${answer.status}`)
  return answer
}

/** The socket of a recovery behind its `connected` frame, which a service may leave out (6.4). */
export async function recovered(context: Context, client: Client): Promise<Client> {
  const again = await recover(context, client)
  await again.skipConnected()
  return again
}

/** The recovery is upgraded, and then closed with 1008. */
export async function failsToRecover(context: Context, options: ConnectOptions, reason?: string): Promise<void> {
  const again = await context.attempt({ protocols: [reliableJson], ...options })
  if ('status' in again) return same(`handshake ${again.status}`, 'handshake 101')
  await again.expectsClose(1008, reason)
}
