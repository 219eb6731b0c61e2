import { fileURLToPath } from 'node:url'
import { load, type Type } from 'protobufjs'
import { connect, type TestClient } from './client.ts'

/** The published schema in the hands of another library than the one that the service uses. */
const root = await load(fileURLToPath(new URL('../subprotocols/webpubsub.proto', import.meta.url)))
const upstream = root.lookupType('UpstreamMessage')
const downstream = root.lookupType('DownstreamMessage')
const any = root.lookupType('google.protobuf.Any')

/** 64-bit numbers are given as decimal digits, so that none is lost. */
export const encodeUpstream = (message: object) => encode(upstream, message)
export const encodeDownstream = (message: object) => encode(downstream, message)
export const encodeAny = (message: { type_url: string; value: Uint8Array }) => encode(any, message)

const encode = (type: Type, message: object): Uint8Array<ArrayBuffer> =>
  new Uint8Array(type.encode(type.fromObject(message)).finish())

export const decodeUpstream = (frame: Uint8Array) => decode(upstream, frame)
export const decodeDownstream = (frame: Uint8Array | string) => decode(downstream, frame)

/** Only what is on the wire: no defaults. 64-bit numbers come as digits. */
function decode(type: Type, frame: Uint8Array | string): Record<string, unknown> {
  if (typeof frame === 'string') throw new Error(`a text frame: ${frame}`)
  return type.toObject(type.decode(frame), { longs: String })
}

export const hex = (digits: string) => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))

export const protobuf = 'protobuf.webpubsub.azure.v1'
export const reliableProtobuf = 'protobuf.reliable.webpubsub.azure.v1'

/** A client of the schema on a real socket. */
export interface ProtobufClient {
  client: TestClient
  connectionId: string
  /** Only reliable ones have it. */
  reconnectionToken: string | undefined
  /** Says one `UpstreamMessage`. */
  tell(message: object): void
  /** The next `DownstreamMessage`, without defaults. */
  hear(): Promise<Record<string, unknown>>
  /** Asserts by asking for a pong that nothing else was on its way. */
  expectSilence(): Promise<void>
}

/** Connects and takes the `connected` frame. */
export async function connectProtobuf(url: string, name = protobuf): Promise<ProtobufClient> {
  const client = await connect(url, [name])
  const hear = async () => decodeDownstream(await client.next())
  const tell = (message: object) => client.send(encodeUpstream(message))
  const { systemMessage } = (await hear()) as Greeting
  const { connectionId = '', reconnectionToken } = systemMessage?.connectedMessage ?? {}
  client.connectionId = connectionId
  return { client, connectionId, reconnectionToken, tell, hear, expectSilence }
  async function expectSilence() {
    tell({ pingMessage: {} })
    const frame = await hear()
    if (!('pongMessage' in frame)) throw new Error(`expected silence, got ${JSON.stringify(frame)}`)
  }
}

interface Greeting {
  systemMessage?: { connectedMessage?: { connectionId?: string; reconnectionToken?: string } }
}
