import { buildFrame } from '../src/testing/raw-client.ts'
import { corpus, filters } from './corpus.ts'
import { mutate, mutateJson, nastyTexts } from './mutate.ts'
import { createRandom, type Random } from './random.ts'
import { farAway, mutateToken, sign } from './tokens.ts'

/** One thing to be done to the service. `size` mutations are in it. */
export type Input =
  /** Frames of one subprotocol, each on an open connection. */
  | { kind: 'frames'; subprotocol: Subprotocol; frames: Message[]; leaves: Leaving; size: number }
  /** Bytes on an open connection, that may be no frames at all. */
  | { kind: 'bytes'; subprotocol: Subprotocol; bytes: Buffer; size: number }
  /** One HTTP request on a connection of its own. `hangsUp`: nobody waits for the answer. */
  | { kind: 'handshake' | 'rest'; bytes: Buffer; hangsUp: boolean; size: number }

export interface Message {
  isText: boolean
  payload: Buffer
}

/** With a close frame, without one, or without one and then back on a new socket where the subprotocol has that. */
type Leaving = 'politely' | 'abruptly' | 'for a while'

export const subprotocols = {
  json: 'json.webpubsub.azure.v1',
  'reliable json': 'json.reliable.webpubsub.azure.v1',
  protobuf: 'protobuf.webpubsub.azure.v1',
  'reliable protobuf': 'protobuf.reliable.webpubsub.azure.v1',
  simple: '',
} as const
export type Subprotocol = keyof typeof subprotocols

/** Input number `at` of a seed; always the same. `host` is the service's `host:port`. */
export function makeInput(seed: number, at: number, host: string): Input {
  const random = createRandom(seed, at)
  return random.pick(makers)(random, host)
}

type Maker = (random: Random, host: string) => Input
/** Each as often as it stands here; most mutations are frames, as each of these inputs holds many. */
const makers: readonly Maker[] = [
  makeFrames,
  makeFrames,
  makeFrames,
  makeBytes,
  makeHandshake,
  makeHandshake,
  makeRest,
  makeRest,
  makeRest,
]

const framesPerInput = 12
const names = Object.keys(subprotocols) as Subprotocol[] // a const object has just these keys
const familyOf = {
  json: 'json',
  'reliable json': 'json',
  protobuf: 'protobuf',
  'reliable protobuf': 'protobuf',
  simple: 'simple',
} as const

function makeFrames(random: Random): Input {
  const subprotocol = random.pick(names)
  const family = familyOf[subprotocol]
  const frames = Array.from({ length: framesPerInput }, () => {
    const valid = random.pick(corpus[family])
    const other = random.pick(corpus[random.oneIn(10) ? random.pick(['json', 'protobuf', 'simple'] as const) : family])
    const isShaped = family === 'json' && !random.oneIn(3)
    const payload = isShaped
      ? Buffer.from(mutateJson(random, valid.toString(), jsonOf(other)))
      : mutate(random, valid, other)
    return toMessage(payload, family !== 'protobuf' && !random.oneIn(20))
  })
  const leaves = random.pick(['politely', 'abruptly', 'for a while'] as const)
  return { kind: 'frames', subprotocol, frames, leaves, size: framesPerInput }
}

/** A text that is no UTF-8 is the WebSocket layer's business, which `makeBytes` looks after. */
const toMessage = (payload: Buffer, isText: boolean) => ({
  isText,
  payload: isText ? Buffer.from(payload.toString()) : payload,
})

const jsonOf = (bytes: Buffer) => (bytes[0] === 0x7b ? bytes.toString() : '{"spliced":[1,"two"]}')

function makeBytes(random: Random): Input {
  const subprotocol = random.pick(names)
  const valid = () => random.pick(corpus[familyOf[subprotocol]])
  const frames = Array.from({ length: 4 }, () =>
    buildFrame({
      opcode: random.pick([0, 1, 1, 1, 2, 2, 2, 8, 9, 10]),
      payload: valid(),
      isFinal: !random.oneIn(3),
      mask: [...random.bytes(4)],
      lengthBits: 64,
    }),
  )
  const bytes = mutate(random, Buffer.concat(frames), buildFrame({ opcode: 1, payload: valid() }))
  return { kind: 'bytes', subprotocol, bytes, size: 1 }
}

/** What a client of the fuzz may do. */
export const clientClaims = (host: string) => ({
  aud: `http://${host}/client/hubs/fuzz`,
  exp: farAway,
  sub: 'someone',
  role: ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup'],
  'webpubsub.group': ['g1'],
})

function makeHandshake(random: Random, host: string): Input {
  const claims = clientClaims(host)
  const token = random.oneIn(2) ? sign(claims) : mutateToken(random, claims)
  const target = random.pick([
    `/client/hubs/fuzz?access_token=${token}`,
    `/client/?hub=fuzz&access_token=${token}`,
    `/client/hubs/fuzz?access_token=${token}&webpubsub_mode=sendToGroup&group=g1&noEcho=true`,
    `/client/hubs/fuzz?awps_connection_id=${random.bytes(16).toString('hex')}&awps_reconnection_token=${token}`,
    `/client/hubs/open`,
    `/client/hubs/open?slow=1`,
    `/client/hubs/open?slow=1&refuse=1`,
    `/client/hubs/${encodeURIComponent(random.pick(nastyTexts))}?access_token=${token}`,
  ])
  const request = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${random.pick(Object.values(subprotocols))}\r\n\r\n`
  return { kind: 'handshake', bytes: mutateRequest(random, request), hangsUp: random.oneIn(10), size: 1 }
}

/**
 * A third anywhere, a third in the first line only, so that more of the service sees them, and a third not at all: what
 * was put into them before is enough.
 */
function mutateRequest(random: Random, request: string): Buffer {
  const bytes = Buffer.from(request)
  if (random.oneIn(3)) return bytes
  if (random.oneIn(2)) return mutate(random, bytes, bytes)
  const line = request.slice(request.indexOf(' ') + 1, request.indexOf(' HTTP/1.1'))
  const target = mutate(random, Buffer.from(line), Buffer.from('/client/hubs/fuzz?hub=a&hub=b')).toString('latin1')
  return Buffer.from(
    request.replace(line, () => target.replaceAll(/[\s\0]/g, '')),
    'latin1',
  )
}

const resources = [
  ['POST', '/:send'],
  ['POST', '/:send?excluded=a&excluded=b&messageTtlSeconds=60'],
  ['POST', '/:closeConnections?reason=why'],
  ['POST', '/:addToGroups'],
  ['POST', '/:removeFromGroups'],
  ['POST', '/:generateToken?userId=a&role=r&group=g&minutesToExpire=5'],
  ['HEAD', '/connections/abc'],
  ['DELETE', '/connections/abc?reason=x'],
  ['POST', '/connections/abc/:send'],
  ['DELETE', '/connections/abc/groups'],
  ['HEAD', '/groups/g1'],
  ['POST', '/groups/g1/:send?filter=F'],
  ['POST', '/groups/g1/:closeConnections?excluded=a'],
  ['GET', '/groups/g1/connections?maxpagesize=2&top=3'],
  ['GET', '/groups/g1/connections?continuationToken=abc'],
  ['PUT', '/groups/g1/connections/abc'],
  ['DELETE', '/groups/g1/connections/abc'],
  ['HEAD', '/users/someone'],
  ['POST', '/users/someone/:send?filter=F'],
  ['POST', '/users/someone/:closeConnections'],
  ['PUT', '/users/someone/groups/g2'],
  ['DELETE', '/users/someone/groups/g2'],
  ['DELETE', '/users/someone/groups'],
  ['PUT', '/permissions/sendToGroup/connections/abc?targetName=g1'],
  ['HEAD', '/permissions/joinLeaveGroup/connections/abc?targetName=g1'],
  ['DELETE', '/permissions/1/connections/abc?targetName=g1'],
] as const
const contentTypes = [
  'text/plain',
  'application/json',
  'application/octet-stream',
  'application/x-protobuf',
  'text/plain; charset=utf-16',
  'image/png',
  ';;',
  '',
]

function makeRest(random: Random, host: string): Input {
  const [method, resource] = random.pick(resources)
  const filter = encodeURIComponent(mutateFilter(random))
  const path = `/api/hubs/fuzz${resource.replace('filter=F', `filter=${filter}`)}`
  const target = random.oneIn(2)
    ? path
    : cleanTarget(mutate(random, Buffer.from(path), Buffer.from('/api/hubs/fuzz/groups/%2F?x=%zz&&=')))
  const token = random.oneIn(8)
    ? mutateToken(random, { aud: `http://${host}${target}`, exp: farAway })
    : sign({ aud: `http://${host}${target}`, exp: farAway })
  const body = makeBody(random)
  const version = random.oneIn(3) ? '' : `${target.includes('?') ? '&' : '?'}api-version=2024-12-01`
  const extra = random.oneIn(4) ? `X-WebPubSub-Metadata-${random.pick(nastyTexts)}: ${random.pick(nastyTexts)}\r\n` : ''
  const head = `${method} ${target}${version} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${random.pick(contentTypes)}\r\n${extra}Content-Length: ${body.length}\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body])
  return {
    kind: 'rest',
    bytes: random.oneIn(4) ? mutate(random, bytes, bytes) : bytes,
    hangsUp: random.oneIn(10),
    size: 1,
  }
}

const cleanTarget = (bytes: Buffer) => bytes.toString('latin1').replaceAll(/[\s\0]/g, '')

function makeBody(random: Random): Buffer {
  const groups = JSON.stringify({ groups: ['g1', 'g2'], filter: mutateFilter(random) })
  if (random.oneIn(2)) return Buffer.from(mutateJson(random, groups, '{"message":[1]}'))
  const valid = random.pick([...corpus.json, ...corpus.protobuf, Buffer.from(groups)])
  return random.oneIn(3) ? valid : mutate(random, valid, Buffer.from(groups))
}

export function mutateFilter(random: Random): string {
  const valid = random.pick(filters)
  if (random.oneIn(4)) return valid
  return mutate(random, Buffer.from(valid), Buffer.from(random.pick(filters))).toString()
}
