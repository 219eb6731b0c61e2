import { describe, expect, it } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { createHttpClient } from './http-client.ts'
import { context, listen, ok, openHandler, outcomeOf, respond, startReceiver, textEvent } from './testing.ts'

/** Writes without an end, as fast as it is read. */
const pour =
  (head: string, piece: string) =>
  (socket: Socket): void => {
    const bytes = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)))
    const write = () => {
      while (!socket.destroyed && socket.write(bytes));
    }
    socket.on('drain', write)
    socket.write(head)
    write()
  }

const say = (text: string) => (socket: Socket) => socket.write(text)
const success = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
const chunked = `${success}Transfer-Encoding: chunked\r\n\r\n`

describe('a hostile handler', () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['headers without an end', pour(success, 'X-A: bbbbbbbbbb\r\n'), 'NetworkError'],
    ['a header line without an end', pour(`${success}X: `, 'b'), 'NetworkError'],
    ['a status line without an end', pour('HTTP/1.1 200 ', 'b'), 'NetworkError'],
    ['provisional answers without an end', pour('', 'HTTP/1.1 103 X\r\nLink: x\r\n\r\n'), 'NetworkError'],
    ['another protocol', say('HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n'), 'NetworkError'],
    ['a body without an end', pour(`${success}\r\n`, 'b'), 'BadAnswer'],
    ['a body that is announced as too large', pour(`${success}Content-Length: 99999999\r\n\r\n`, 'b'), 'BadAnswer'],
    ['chunks without an end', pour(chunked, '1\r\nb\r\n'), 'BadAnswer'],
    ['one chunk without an end', pour(`${chunked}7fffffff\r\n`, 'b'), 'BadAnswer'],
    ['a chunk size without an end', pour(`${chunked}1;`, 'b'), 'BadAnswer'],
    ['a trailer without an end', pour(`${chunked}0\r\n`, 'X: bbbbbbbbbb\r\n'), 'BadAnswer'],
    ['a refusal without an end', pour('HTTP/1.1 400 Bad\r\n\r\n', 'b'), 'BadStatus'],
    ['a body that breaks off', (socket) => socket.end(`${success}Content-Length: 9\r\n\r\nab`), 'BadAnswer'],
    ['chunks that break off', (socket) => socket.end(`${chunked}2\r\nab\r\n`), 'BadAnswer'],
    ['a head that breaks off', (socket) => socket.end(success), 'NetworkError'],
  ])('gets nowhere with %s', async (_, answer, fault) => {
    await using receiver = await startReceiver(() => answer)
    const handler = openHandler(receiver.port, { retryDelaysMs: [], timeoutMs: 5_000 })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe(fault)
  })

  it('cannot keep us with a body that trickles', async () => {
    await using receiver = await startReceiver(() => (socket) => {
      socket.write(`${success}Content-Length: 1000000\r\n\r\n`)
      const timer = setInterval(() => socket.write('a'), 5)
      socket.on('close', () => clearInterval(timer))
    })
    const handler = openHandler(receiver.port, { timeoutMs: 60 })
    expect(await outcomeOf(handler.event(context(), textEvent()))).toBe('Timeout')
    expect(receiver.posts).toHaveLength(1)
  })

  it('cannot answer the next call with more than one answer to this one', async () => {
    const twice = Buffer.concat([ok(['Content-Type: text/plain'], 'one'), ok(['Content-Type: text/plain'], 'forged')])
    await using receiver = await startReceiver((_, at) => (at === 1 ? twice : respond(204, [])))
    const handler = openHandler(receiver.port)
    expect(await handler.event(context(), textEvent())).toEqual({ reply: { dataType: 'text', data: 'one' } })
    expect(await handler.event(context(), textEvent())).toEqual({})
    expect(receiver.opened()).toBe(2)
  })

  it('cannot turn one request into the body of another, by answering before it has read it', async () => {
    const received: string[] = []
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      const at = sockets.push(socket) - 1
      received.push('')
      socket.on('error', () => {}).on('data', (chunk) => (received[at] += chunk.toString('latin1')))
      // as a guard does that looks at the headers alone
      socket.once('data', () => socket.pause().write('HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n'))
    })
    const port = await listen(server)
    const client = createHttpClient({ connectionsMax: 1 })
    const target = { isTls: false, hostname: '127.0.0.1', port, host: 'h', path: '/', shown: '' }
    const post = (name: string, body: Buffer) =>
      client.send(
        { method: 'POST', target, client: 'one', isHandshake: false, headers: ['name', name], body },
        { headersMs: 3_000, bodyMs: 3_000, bodyMaxBytes: 1_000 },
      )
    expect((await post('first', Buffer.alloc(16_000_000, 'a'))).status).toBe(401)
    const second = post('second', Buffer.from('b'))
    sockets[0]?.resume()
    expect((await second).status).toBe(401)
    expect(received.map((text) => text.includes('name: second'))).toEqual([false, true])
    client.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('cannot send us elsewhere', async () => {
    await using elsewhere = await startReceiver()
    await using receiver = await startReceiver(() => respond(307, [`Location: http://127.0.0.1:${elsewhere.port}/`]))
    expect(await outcomeOf(openHandler(receiver.port).event(context(), textEvent()))).toBe('BadStatus')
    expect(elsewhere.requests).toEqual([])
  })
})
