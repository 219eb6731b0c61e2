import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import type { BunServer } from '../model.ts'
import { connect } from '../testing/client.ts'
import { openRaw, readFrame, upgradeRequest } from '../testing/raw-client.ts'
import { json, startService, until } from '../testing/service.ts'
import { WebPubSub } from '../start/start.ts'
import { type Door, openDoor } from './door.ts'

const bodyMaxBytes = 64 * 1_048_576

/** What the server behind the door makes of requests. */
async function answer(request: Request, server: BunServer): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/large') return new Response(Buffer.alloc(20 * 1_048_576, 'l'))
  if (pathname === '/peer') return new Response(server.requestIP(request)?.address ?? 'somebody')
  const body = await request.arrayBuffer()
  return new Response(`${request.method} ${pathname} ${body.byteLength} ${Bun.hash(body)};`)
}

let door: Door
beforeAll(() => {
  door = openDoor({ hostname: '127.0.0.1', port: 0, maxRequestBodySize: bodyMaxBytes, first: answer })
})
afterAll(() => door.close())

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const post = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`

describe('plain HTTP at the door', () => {
  it('is answered request by request on one connection', async () => {
    const client = openRaw(door.port, get('/one'))
    expect(await client.until('/one 0')).toStartWith('HTTP/1.1 200 OK\r\n')
    client.socket.write(`${post('/two', 5)}hello`)
    await client.until(`POST /two 5 ${Bun.hash('hello')};`)
    client.socket.destroy()
  })

  it('is answered in order when requests do not wait for answers', async () => {
    const paths = Array.from({ length: 50 }, (_, at) => `/pipelined${at}`)
    const client = openRaw(door.port, paths.map(get).join(''))
    const text = await client.until('/pipelined49 0')
    expect([...text.matchAll(/\/pipelined\d+/g)].map(([path]) => path)).toEqual(paths)
    client.socket.destroy()
  })

  it('takes a request cut at each byte', async () => {
    for (let cut = 1; cut < get('/cut').length; cut += 3) {
      const client = openRaw(door.port, get('/cut').slice(0, cut))
      await new Promise(setImmediate)
      client.socket.write(get('/cut').slice(cut))
      await client.until('/cut 0')
      client.socket.destroy()
    }
  })

  it('passes on large bodies, both ways', async () => {
    const body = Buffer.from(Uint8Array.from({ length: 30 * 1_048_576 }, (_, at) => (at * 31) & 255))
    const url = `http://127.0.0.1:${door.port}`
    const posted = await fetch(`${url}/up`, { method: 'POST', body })
    expect(await posted.text()).toBe(`POST /up ${body.length} ${Bun.hash(body)};`)
    const large = await (await fetch(`${url}/large`)).arrayBuffer()
    expect(Bun.hash(large)).toBe(Bun.hash(Buffer.alloc(20 * 1_048_576, 'l')))
  })

  it('waits with what a slow reader does not take, and loses nothing', async () => {
    const client = openRaw(door.port, get('/large'))
    await client.until('HTTP/1.1 200')
    client.socket.on('data', () => {
      client.socket.pause()
      setImmediate(() => client.socket.resume())
    })
    await until(() => client.received().length > 20 * 1_048_576)
    client.socket.destroy()
  })

  it('is told whether the peer is this machine', async () => {
    expect(await (await fetch(`http://127.0.0.1:${door.port}/peer`)).text()).toBe('127.0.0.1')
  })

  it('is not heard of any more when its client goes', async () => {
    const client = openRaw(door.port, `${post('/half', 9)}half`)
    await until(() => door.pendingRequests() === 1)
    client.socket.destroy()
    await until(() => door.pendingRequests() === 0)
  })
})

describe('a WebSocket whose connection served plain HTTP before', () => {
  it('is like any other', async () => {
    await using service = startService({ transport: 'raw' })
    const { token } = await service.hub.getClientAccessToken({ groups: ['g'], roles: ['webpubsub.sendToGroup'] })
    const path = `/client/hubs/chat?access_token=${token}`
    const late = openRaw(service.port, get('/api/health'))
    await late.until('HTTP/1.1 200')
    late.socket.write(upgradeRequest(path, { 'Sec-WebSocket-Protocol': json }))
    await late.until('"connected"')
    const early = await connect(`ws://127.0.0.1:${service.port}${path}`, [json])
    await early.nextFrame()
    early.send({ type: 'sendToGroup', group: 'g', dataType: 'text', data: 'to both', noEcho: true })
    await late.until('to both')
    await service.hub.sendToAll({ said: 'to all' })
    await late.until('to all')
    expect(await early.nextFrame()).toMatchObject({ data: { said: 'to all' } })
    late.socket.destroy()
    await until(() => service.pubsub.connectionCount === 1)
  })
})

/** One client that reads nothing after its handshake. */
async function openSilent(port: number, token: string): Promise<Socket> {
  const socket = dial(port, '127.0.0.1')
  socket.write(upgradeRequest(`/client/hubs/chat?access_token=${token}`))
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}

describe('a reader that is slow', () => {
  it('is closed at once when it is too far behind, after what it was sent before', async () => {
    const limits = { outboundHardMaxBytes: 3_000_000, unconfirmedMaxBytes: 1e6, watchMs: 1e9 }
    await using service = startService({ limits, transport: 'raw' })
    const quick = await service.join({ protocols: [] })
    const { token } = await service.hub.getClientAccessToken({ userId: 'slow' })
    const slow = await openSilent(service.port, token)
    let sent = 0
    while (service.pubsub.counters.slowConnections === 0) {
      await service.hub.sendToAll(String(sent++).padStart(500_000, '.'), { contentType: 'text/plain' })
      await quick.next()
      expect(service.pubsub.inside.engine.carrier.heldBytes()).toBeLessThan(3_600_000)
    }
    expect(await service.hub.userExists('slow')).toBe(false)
    const received = await readAll(slow)
    expect(received.map(({ opcode }) => opcode)).toEqual([...received.slice(1).map(() => 1), 8])
    expect(received.slice(0, -1).map(({ payload }) => Number(payload.toString().replaceAll('.', '')))).toEqual([
      ...Array(sent).keys(),
    ])
    expect(received.at(-1)?.payload.toString('latin1', 2)).toBe('The outbound message queue is full.')
    expect(service.pubsub.inside.engine.carrier.heldBytes()).toBe(0)
  })

  it('is not closed for what a burst leaves unread for a moment', async () => {
    await using service = startService({ transport: 'raw' })
    const reader = await service.join({ protocols: [] })
    for (let at = 0; at < 12; at++) await service.hub.sendToAll(`${at}`.padStart(1e6), { contentType: 'text/plain' })
    for (let at = 0; at < 12; at++) expect(Number(await reader.next())).toBe(at)
    expect(service.pubsub.counters.slowConnections).toBe(0)
  })

  it('holds what others hold too, not a copy', async () => {
    await using service = startService({ limits: { outboundMaxBytes: 1e9 }, transport: 'raw' })
    const { token } = await service.hub.getClientAccessToken({ userId: 'slow' })
    const slow = await Promise.all(Array.from({ length: 20 }, () => openSilent(service.port, token)))
    for (let at = 0; at < 10; at++) await service.hub.sendToAll('x'.repeat(1_000_000), { contentType: 'text/plain' })
    await new Promise(setImmediate)
    const held = service.pubsub.inside.engine.carrier.heldBytes() ?? 0
    expect(held).toBeGreaterThan(1_000_000)
    expect(held).toBeLessThan(10_100_000)
    for (const socket of slow) socket.destroy()
    await until(() => service.pubsub.inside.engine.carrier.heldBytes() === 0)
  })
})

/** All frames until the server ended the connection. */
async function readAll(socket: Socket) {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => socket.once('end', resolve).resume())
  const frames: { opcode: number; payload: Buffer }[] = []
  let bytes = Buffer.concat(chunks)
  for (let read = readFrame(bytes); read; read = readFrame(bytes)) {
    frames.push(read.frame)
    bytes = bytes.subarray(read.size)
  }
  return frames
}

describe('a door with a certificate', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'door-'))
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'ignore' })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('serves wss and https, also much at once', async () => {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'))
    if (cert === undefined || key === undefined) throw new Error('openssl made no files')
    await using service = await WebPubSub.start({ tls: { cert, key } })
    const { url } = await service.hub('chat').getClientAccessToken({ groups: ['g'] })
    const socket = new WebSocket(url, { protocols: [json], tls: { ca: cert } })
    const heard: string[] = []
    socket.addEventListener('message', ({ data }) => heard.push(String(data)))
    await until(() => heard.length === 1)
    for (let at = 0; at < 4; at++)
      await service.hub('chat').group('g').sendToAll('y'.repeat(900_000), { contentType: 'text/plain' })
    await until(() => heard.length === 5)
    expect(new Set(heard.slice(1).map((frame) => frame.length))).toEqual(new Set([900_073]))
    const health = await fetch(`${service.url}/api/health`, { tls: { ca: cert } })
    expect(health.status).toBe(200)
    socket.close()
  })
})
