import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { openRaw, openRawWebSocket, upgradeRequest } from '../src/testing/raw-client.ts'
import type { HandshakeCase } from './cases/handshake-case.ts'
import { handshakes } from './cases/handshakes.ts'
import { requests } from './cases/requests.ts'
import type { ConnectAnswer, Payload } from '../src/ports.ts'
import { startService, usualTransport } from '../src/testing/service.ts'
import { opcodes, text } from './run-case.ts'
import { clientPath, startSubject, type Subject } from './subject.ts'

let subject: Subject
beforeAll(async () => {
  subject = await startSubject()
})
afterAll(() => subject[Symbol.asyncDispose]())

const areas: Record<string, HandshakeCase[]> = { ...handshakes, ...requests }
for (const [area, cases] of Object.entries(areas)) {
  describe(area, () => {
    for (const handshakeCase of cases) it(handshakeCase.name, () => runHandshake(handshakeCase))
  })
}

const byteByByteMax = 1_500

/** Sends the request at once, and on another connection byte by byte: the answer is the same. */
async function runHandshake(handshakeCase: HandshakeCase): Promise<void> {
  const request = Buffer.from(handshakeCase.request(clientPath(subject)), 'latin1')
  await answerTo([request], handshakeCase)
  if (request.length <= byteByByteMax)
    await answerTo(
      Array.from(request, (byte) => Buffer.from([byte])),
      handshakeCase,
    )
}

async function answerTo(pieces: Buffer[], handshakeCase: HandshakeCase): Promise<void> {
  const client = openRaw(subject.port, '')
  try {
    for (const piece of pieces) {
      if (pieces.length > 1) await new Promise(setImmediate)
      if (client.received().length > 0 || !client.socket.writable) break
      client.socket.write(piece)
    }
    const head = (await client.until('\r\n\r\n')).split('\r\n\r\n', 1)[0] ?? ''
    checkHead(head, handshakeCase)
    if (handshakeCase.status === 101 && handshakeCase.protocol === undefined) await checkEcho(client)
  } finally {
    client.socket.destroy()
  }
}

const defaultKey = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 1.3. */
const acceptOf = (key: string) =>
  new Bun.CryptoHasher('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

function checkHead(head: string, { status, protocol, headers = {}, key = defaultKey }: HandshakeCase): void {
  const [statusLine = '', ...lines] = head.split('\r\n')
  expect(statusLine.split(' ')[1] ?? 'nothing').toBe(String(status))
  const received = new Map(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  for (const [name, value] of Object.entries(headers)) expect(received.get(name)).toBe(value)
  if (status !== 101) return
  expect(lines.length).toBe(received.size)
  expect(received.get('sec-websocket-accept')).toBe(acceptOf(key))
  expect(received.get('upgrade')?.toLowerCase()).toBe('websocket')
  expect(received.get('connection')?.toLowerCase()).toBe('upgrade')
  expect(received.get('sec-websocket-protocol')).toBe(protocol)
  expect(received.get('sec-websocket-extensions')).toBeUndefined()
}

async function checkEcho(client: ReturnType<typeof openRaw>): Promise<void> {
  client.socket.write(text('after the handshake'))
  expect(await client.until('after the handshake')).toEndWith('\u{81}\u{13}after the handshake')
}

describe('several requests on one connection', () => {
  const refused = (path: string) => upgradeRequest(path, { 'Sec-WebSocket-Key': 'x' })
  const plain = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

  for (const [name, first] of Object.entries({ 'a refused handshake': refused, 'a plain request': plain })) {
    it(`takes a handshake after ${name}`, async () => {
      const client = openRaw(subject.port, first(clientPath(subject)))
      expect(await client.until('upgrade is ')).toMatch(/^HTTP\/1\.1 400 /)
      client.socket.write(upgradeRequest(clientPath(subject)))
      await client.until('HTTP/1.1 101')
      await checkEcho(client)
      client.socket.destroy()
    })
  }

  it('takes a second request behind a handshake for a broken frame', async () => {
    const client = openRaw(subject.port, upgradeRequest(clientPath(subject)).repeat(2))
    await client.ended
    const received = client.received().toString('latin1')
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1)
    const reason = { raw: '\u{88}\u{1e}\u{3}\u{ea}The client frame is invalid.', bun: 'incorrectly masked frame' }
    expect(received).toContain(reason[usualTransport()])
  })
})

describe('bytes behind a handshake (4.1)', () => {
  const early = { 'a whole frame': [text('early')], 'ten frames': Array<Buffer>(10).fill(text('early')) }

  for (const [name, frames] of Object.entries(early)) {
    it(`takes ${name} in the segment of the request`, async () => {
      const request = upgradeRequest(clientPath(subject))
      const { socket, nextFrame } = await openRawWebSocket(subject.port, request, Buffer.concat(frames))
      for (const _ of frames) expect((await nextFrame())?.payload.toString()).toBe('early')
      socket.destroy()
    })

    it.if(usualTransport() === 'raw')(
      `takes ${name} in the segment of the request while the backend is asked`,
      async () => {
        const event = async (_: unknown, { payload }: { payload: Payload }) => ({ reply: payload })
        await using service = startService({ handler: { connect: thoughtful, event } })
        const { token } = await service.hub.getClientAccessToken()
        const request = upgradeRequest(clientPath({ token }))
        const { socket, nextFrame } = await openRawWebSocket(service.port, request, Buffer.concat(frames))
        for (const _ of frames) expect((await nextFrame())?.payload.toString()).toBe('early')
        socket.destroy()
      },
    )

    // RFC 6455 4.1 has the client wait for the answer. While ours waits for the backend, Bun's engine takes what comes too
    // early for a bad request: nothing of it is ever taken for a frame of this or another connection.
    it.if(usualTransport() === 'bun')(
      `refuses ${name} in the segment of the request while the backend is asked`,
      async () => {
        await using service = startService({ handler: { connect: thoughtful } })
        const { token } = await service.hub.getClientAccessToken()
        const request = Buffer.from(upgradeRequest(clientPath({ token })))
        const client = openRaw(service.port, Buffer.concat([request, ...frames]))
        await client.ended
        expect(client.received().toString('latin1')).toStartWith('HTTP/1.1 400 ')
        expect(client.received().toString('latin1')).not.toContain('early')
        expect(service.pubsub.connectionCount).toBe(0)
      },
    )
  }

  it('takes a frame whose first half is in the segment of the request', async () => {
    const frame = text('in two halves')
    const { socket, nextFrame } = await openRawWebSocket(
      subject.port,
      upgradeRequest(clientPath(subject)),
      frame.subarray(0, 4),
    )
    socket.write(frame.subarray(4))
    expect((await nextFrame())?.payload.toString()).toBe('in two halves')
    socket.destroy()
  })

  it('takes a frame in the segment after the answer', async () => {
    const { socket, nextFrame } = await openRawWebSocket(subject.port, upgradeRequest(clientPath(subject)))
    socket.write(text('in time'))
    expect(await nextFrame()).toMatchObject({ opcode: opcodes.text, payload: Buffer.from('in time') })
    socket.destroy()
  })

  it('takes the body of a request for frames, as a GET has none', async () => {
    const client = openRaw(subject.port, upgradeRequest(clientPath(subject), { 'Content-Length': '11' }))
    await client.until('HTTP/1.1 101')
    await checkEcho(client)
    client.socket.destroy()
  })
})

async function thoughtful(): Promise<ConnectAnswer> {
  await new Promise(setImmediate)
  return { accept: true }
}

it('leaves no connection and no fault in the log behind', async () => {
  expect(subject.service.log).toEqual([])
  while (subject.service.pubsub.connectionCount > 0) await new Promise(setImmediate)
})
