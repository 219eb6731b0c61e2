import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { clientFrame, postRequest, upgradeRequest } from '../frames.ts'
import type { ClientStep, Launch, Place, Target } from '../target.ts'

const key = 'a-key-of-the-bench-which-nobody-else-has-0123456789'
const hub = 'bench'
/** The hub whose events go to the backend. */
const backedHub = 'echo'
const command = fileURLToPath(new URL('../../../../pubsub/bin/chatr-pubsub.js', import.meta.url))

/** The shipped command, spoken to in plain JSON frames. */
export const pubsub: Target = {
  id: 'pubsub',
  label: 'pubsub/',
  missing: () => undefined,
  version: () => `Bun ${Bun.version}`,
  launch,
  connect: (port, group) => connect({ port, group, hub, subprotocol: 'json.webpubsub.azure.v1' }),
  publish: (group, text) => frame({ type: 'sendToGroup', group, dataType: 'text', data: text }),
  publishByHttp: (port, group, text, serial) => post(port, { path: `users/${userOf(group)}/:send`, text, serial }),
}

/** The same with sequence ids, buffers until confirmed, and clients that confirm as Microsoft's does. */
export const reliable: Target = {
  ...pubsub,
  id: 'reliable',
  label: 'pubsub/, reliable',
  ackEvery: 300,
  connect: (port, group) => connect({ port, group, hub, subprotocol: 'json.reliable.webpubsub.azure.v1' }),
}

/** A send is an event here: it goes to the webhook, whose answer comes back to the sender. */
export const events: Target = {
  ...pubsub,
  id: 'events',
  label: 'pubsub/, events to a webhook',
  connect: (port, group) => connect({ port, group, hub: backedHub, subprotocol: 'json.webpubsub.azure.v1' }),
  publish: (_group, text) => frame({ type: 'event', event: 'echo', dataType: 'text', data: text }),
}

/** REST to all connections of the hub. */
export const broadcast: Target = {
  ...pubsub,
  id: 'broadcast',
  label: 'pubsub/, REST broadcast',
  publishByHttp: (port, _group, text, serial) => post(port, { path: ':send', text, serial }),
}

function launch({ port, backendPort }: Place): Launch {
  const flags = ['--port', port, '--log', 'off', '--inspector', 'off', '--metrics', 'off', '--drain-seconds', 0].map(
    String,
  )
  const handler = backendPort === undefined ? [] : ['--handler', `${backedHub}=http://127.0.0.1:${backendPort}/{event}`]
  return { command: [process.execPath, command, ...flags, ...handler], env: { CHATR_PUBSUB_KEY: key } }
}

/** What a member of the group reads when another one sends. */
export const deliveredText = (group: string, text: string): string =>
  JSON.stringify({ type: 'message', from: 'group', group, fromUserId: userOf(group), dataType: 'text', data: text })

/** All members of a group are one user, which REST can send to. */
const userOf = (group: string) => `u${group}`
const frame = (value: object) => clientFrame(JSON.stringify(value))

interface Client {
  port: number
  group: string | undefined
  hub: string
  subprotocol: string
}

function connect({ port, group, hub, subprotocol }: Client): ClientStep[] {
  const role = group === undefined ? [] : [`webpubsub.joinLeaveGroup.${group}`, `webpubsub.sendToGroup.${group}`]
  const aud = `http://127.0.0.1:${port}/client/hubs/${hub}`
  const token = sign({ role, aud, sub: userOf(group ?? 'nobody'), ...lifeFrom(0) })
  const handshake = { send: upgradeRequest(port, `/client/hubs/${hub}?access_token=${token}`, subprotocol) }
  const connected = { send: Buffer.alloc(0), until: '"event":"connected"' }
  if (group === undefined) return [handshake, connected]
  return [
    handshake,
    connected,
    { send: frame({ type: 'joinGroup', group, ackId: 1 }), until: '"ackId":1,"success":true' },
  ]
}

interface Post {
  path: string
  text: string
  serial: number
}

/** Each with a token of its own, as Microsoft's client makes one for every request. */
function post(port: number, { path, text, serial }: Post): Buffer {
  const target = `/api/hubs/${hub}/${path}?api-version=2024-12-01`
  const token = sign({ ...lifeFrom(serial), aud: `http://127.0.0.1:${port}${target}` })
  return postRequest(port, target, { headers: { Authorization: `Bearer ${token}` }, body: text })
}

/** An hour, from a moment in the last minutes that the serial number picks; so tokens of one second differ too. */
function lifeFrom(serial: number) {
  const iat = Math.floor(Date.now() / 1000) - (serial % 200)
  return { iat, exp: iat + 3_600 + serial }
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokenHead = base64url({ alg: 'HS256', typ: 'JWT' })

function sign(claims: object): string {
  const signed = `${tokenHead}.${base64url(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}
