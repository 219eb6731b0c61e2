import { describe, expect, it } from 'bun:test'
import { connect } from '../testing/client.ts'
import { askRest, restToken } from '../testing/rest-client.ts'
import { clientFrame, openRaw } from '../testing/raw-client.ts'
import { reliableJson, startService, until } from '../testing/service.ts'

const base = '/api/hubs/chat'
const asJson = { 'Content-Type': 'application/json' }

describe('a body that is sent by REST', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['text/plain', 'hä', '"dataType":"text","data":"hä"'],
    ['Text/Plain ; Charset="UTF-8"', '', '"dataType":"text","data":""'],
    ['text/plain; charset=iso-8859-1', Uint8Array.of(0x68, 0xe4), '"dataType":"text","data":"hä"'],
    ['application/json', '{ "a" : 1.50 }', '"dataType":"json","data":{ "a" : 1.50 }'],
    ['application/json; charset=utf-16le', Buffer.from('"ä"', 'utf16le'), '"dataType":"json","data":"ä"'],
    ['application/octet-stream', Uint8Array.of(1, 2, 3), '"dataType":"binary","data":"AQID"'],
    ['', Uint8Array.of(255), '"dataType":"binary","data":"/w=="'],
    ['application/x-protobuf', Uint8Array.of(8, 1), '"dataType":"protobuf","data":"CAE="'],
  ])('as %p arrives as what it is', async (type, body, payload) => {
    await using service = startService()
    const client = await service.join({ groups: ['g'] })
    const request = { body, ...(type !== '' && { headers: { 'Content-Type': type } }) }
    for (const [path, from] of [
      ['/:send', '"from":"server"'],
      ['/groups/g/:send', '"from":"group","group":"g"'],
      [`/connections/${client.connectionId}/:send`, '"from":"server"'],
    ]) {
      expect((await askRest(service.port, `POST ${base}${path}`, request)).status).toBe(202)
      expect(await client.next()).toBe(`{"type":"message",${from},${payload}}`)
    }
  })

  it('carries metadata from its headers', async () => {
    await using service = startService()
    const client = await service.join()
    const send = (headers: Record<string, string>) =>
      askRest(service.port, `POST ${base}/:send`, { headers: { ...asJson, ...headers }, body: '1' })
    expect((await send({ 'X-WebPubSub-Metadata-Trace': '42', 'x-webpubsub-metadata-b': 'c' })).status).toBe(202)
    expect(await client.nextFrame()).toMatchObject({ data: 1, metadata: { trace: '42', b: 'c' } })
    for (const headers of [
      { 'X-WebPubSub-Metadata-': '1' },
      { 'X-WebPubSub-Metadata-a': 'x'.repeat(1_025) },
      { [`X-WebPubSub-Metadata-${'a'.repeat(257)}`]: '1' },
    ]) {
      expect((await send(headers)).status).toBe(400)
    }
    await client.expectSilence()
  })

  it('carries metadata in UTF-8, or Latin-1 where it is not', async () => {
    await using service = startService()
    const client = await service.join()
    const path = `${base}/:send`
    const head = (name: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nContent-Length: 1\r\nContent-Type: text/plain\r\n` +
      `Authorization: Bearer ${restToken(service.port, path)}\r\nX-WebPubSub-Metadata-${name}: `
    const send = (name: string, value: Uint8Array) =>
      openRaw(service.port, Buffer.concat([Buffer.from(head(name)), value, Buffer.from('\r\n\r\nx')]))
    const raw = send('a', Buffer.from('é€ \u{1f600}'))
    expect(await client.nextFrame()).toMatchObject({ metadata: { a: 'é€ \u{1f600}' } })
    raw.socket.destroy()
    const old = send('b', Buffer.from('é', 'latin1'))
    expect(await client.nextFrame()).toMatchObject({ metadata: { b: 'é' } })
    old.socket.destroy()
  })

  it('is refused when it is packed, or no text of its charset', async () => {
    await using service = startService()
    const client = await service.join()
    const send = (type: string, body: Uint8Array, encoding = '') =>
      askRest(service.port, `POST ${base}/:send`, {
        headers: { 'Content-Type': type, ...(encoding && { 'Content-Encoding': encoding }) },
        body,
      })
    for (const type of ['text/plain', 'application/json', 'application/octet-stream'])
      expect(await send(type, Bun.gzipSync('1'), 'gzip')).toMatchObject({ status: 415, body: '' })
    const bulk = { headers: { ...asJson, 'Content-Encoding': 'br' }, body: '{"groups":["g"]}' }
    expect((await askRest(service.port, `POST ${base}/:addToGroups`, bulk)).status).toBe(415)
    const notJson = await send('application/json', Uint8Array.of(0x22, 0xff, 0x22))
    expect([notJson.status, JSON.parse(notJson.body)]).toMatchObject([
      400,
      { message: 'The request body is not a valid JSON.' },
    ])
    const notText = await send('text/plain', Uint8Array.of(0x61, 0xff))
    expect([notText.status, JSON.parse(notText.body)]).toMatchObject([
      400,
      { message: 'The request body is not valid text of its charset.' },
    ])
    expect((await send('text/plain; charset=utf-16le', Uint8Array.of(0x61))).status).toBe(400)
    await client.expectSilence()
    expect((await send('text/plain', Buffer.from('ä'), 'Identity')).status).toBe(202)
    expect(await client.nextFrame()).toMatchObject({ data: 'ä' })
  })

  it('has at most one mebibyte, told or counted, and the socket lives on', async () => {
    await using service = startService()
    const client = await service.join()
    const token = restToken(service.port, `${base}/:send`)
    const head = (more: string) =>
      `POST ${base}/:send HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n${more}\r\n\r\n`
    const chunked = (size: number) =>
      `${head('Content-Type: text/plain\r\nTransfer-Encoding: chunked')}${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`
    const send = async (request: string) => {
      const raw = openRaw(service.port, request)
      const [statusLine] = (await raw.until('\r\n\r\n')).split('\r\n')
      raw.socket.destroy()
      return statusLine
    }
    expect(await send(chunked(5))).toBe('HTTP/1.1 202 Accepted')
    expect(await client.nextFrame()).toMatchObject({ data: 'xxxxx' })
    expect(await send(chunked(1_048_577))).toBe('HTTP/1.1 400 Bad Request')
    expect(await send(head('Content-Length: 1048577'))).toBe('HTTP/1.1 400 Bad Request')
    const length = 1_048_576
    expect(await send(`${head(`Content-Length: ${length}`)}${'x'.repeat(length)}`)).toBe('HTTP/1.1 202 Accepted')
    expect(Buffer.from((await client.nextFrame())['data'] as string, 'base64').byteLength).toBe(length)
    await client.expectSilence()
  })

  it('reaches who connected to a new hub while it was on its way', async () => {
    await using service = startService()
    const path = '/api/hubs/fresh/:send'
    const head =
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nContent-Type: text/plain\r\n` +
      `Authorization: Bearer ${restToken(service.port, path)}\r\nContent-Length: 4\r\n\r\n`
    const raw = openRaw(service.port, `${head}ha`)
    await until(() => service.pendingRequests() === 1)
    const token = service.pubsub.inside.tokens.sign({ hub: 'fresh', lifeMinutes: 1 })
    const client = await connect(`ws://127.0.0.1:${service.port}/client/hubs/fresh?access_token=${token}`, [])
    await until(() => service.pubsub.connectionCount === 1)
    raw.socket.write('lf')
    expect(await client.next()).toBe('half')
    raw.socket.destroy()
  })

  it('that never ends is forgotten with its socket', async () => {
    await using service = startService()
    const client = await service.join()
    const token = restToken(service.port, `${base}/:send`)
    const head = `POST ${base}/:send HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n`
    for (const rest of ['Content-Length: 9\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n']) {
      const raw = openRaw(service.port, head + rest)
      await until(() => service.pendingRequests() === 1)
      raw.socket.destroy()
      await until(() => service.pendingRequests() === 0)
    }
    await client.expectSilence()
    expect(service.log).toEqual([])
  })

  it('may follow another on the same socket', async () => {
    await using service = startService()
    const client = await service.join()
    const token = restToken(service.port, `${base}/:send`)
    const request = (body: string) =>
      `POST ${base}/:send HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const raw = openRaw(service.port, request('one') + request('two'))
    expect([(await client.nextFrame())['data'], (await client.nextFrame())['data']]).toEqual(['one', 'two'])
    raw.socket.write(request('three'))
    expect(await client.nextFrame()).toMatchObject({ data: 'three' })
    const unread = 'x'.repeat(200_000)
    raw.socket.write(
      request(unread).replace(token, 'bad') + request(unread).replace('text/plain', 'a/b') + request('four'),
    )
    expect(await client.nextFrame()).toMatchObject({ data: 'four' })
    raw.socket.destroy()
  })

  it('reaches whom the filter and the exclusions leave', async () => {
    await using service = startService()
    const [alice, bob, plain] = [
      await service.join({ userId: 'alice', groups: ['g', 'h'] }),
      await service.join({ userId: "o'x,y", groups: ['g'] }),
      await service.join({ protocols: [], groups: ['g'] }),
    ]
    const send = async (path: string, body: string) => {
      expect((await askRest(service.port, `POST ${base}${path}`, { headers: asJson, body })).status).toBe(202)
    }
    await send("/:send?filter=userId%20eq%20'o''x%2Cy'", '1')
    await send("/groups/g/:send?filter='h'%20in%20groups", '2')
    await send('/users/alice/:send?filter=false', '3')
    await send('/users/alice/:send?filter=length(groups)%20eq%202', '4')
    await send(`/groups/g/:send?excluded=${alice.connectionId}&excluded=x&excluded=${bob.connectionId}`, '5')
    await send(`/:send?filter=userId%20ne%20null&excluded=${bob.connectionId}`, '6')
    await send('/:send?filter=protocol%20eq%20null', '7')
    await send('/:send?filter=', '8')
    const heard = async (client: typeof alice, count: number) => {
      const frames = []
      for (let at = 0; at < count; at++) frames.push((await client.nextFrame())['data'])
      return frames
    }
    expect(await heard(alice, 4)).toEqual([2, 4, 6, 8])
    expect(await heard(bob, 2)).toEqual([1, 8])
    expect([await plain.next(), await plain.next(), await plain.next()]).toEqual(['5', '7', '8'])
  })

  it('reaches groups and users whose names need escapes', async () => {
    await using service = startService()
    for (const name of ['a/b', 'a%2Fb', 'ä b+c', "*!'()", '50%']) {
      const client = await service.join({ userId: name, groups: [name] })
      for (const kind of ['groups', 'users']) {
        const path = `${base}/${kind}/${encodeURIComponent(name)}`
        expect((await askRest(service.port, `HEAD ${path}`)).status).toBe(200)
        expect((await askRest(service.port, `POST ${path}/:send`, { headers: asJson, body: '1' })).status).toBe(202)
        expect(await client.nextFrame()).toMatchObject({ data: 1 })
      }
    }
  })

  it('waits for a reliable client that is away, no longer than its time to live', async () => {
    let now = Date.now()
    await using service = startService({ clock: () => now })
    const { token } = await service.hub.getClientAccessToken({ userId: 'alice', groups: ['g'] })
    const upgrade = (query: string) =>
      `GET /client/hubs/chat?${query} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${reliableJson}\r\n\r\n`
    const first = openRaw(service.port, upgrade(`access_token=${token}`))
    const greeting = /\{"type":"system".*?\}/.exec(await first.until('"}'))?.[0] ?? '{}'
    const { connectionId, reconnectionToken } = JSON.parse(greeting) as Record<string, string>
    first.socket.destroy()
    const session = () => [...(service.pubsub.inside.engine.hubs.get('chat')?.connections.values() ?? [])][0]?.session
    await until(() => session()?.detachedAt !== undefined)

    expect((await askRest(service.port, `HEAD ${base}/connections/${connectionId}`)).status).toBe(200)
    expect((await askRest(service.port, `GET ${base}/groups/g/connections`)).body).toBe(
      `{"value":[{"connectionId":"${connectionId}","userId":"alice"}]}`,
    )
    const send = (path: string, body: string) => askRest(service.port, `POST ${base}${path}`, { headers: asJson, body })
    await send('/:send?messageTtlSeconds=2', '"gone"')
    await send('/users/alice/:send?messageTtlSeconds=2', '"gone"')
    await send('/groups/g/:send?messageTtlSeconds=2&filter=true', '"gone"')
    await send(`/connections/${connectionId}/:send?messageTtlSeconds=300`, '"kept"')
    await send('/:send?messageTtlSeconds=0', '"last"')
    now += 2_001

    const query = `awps_connection_id=${connectionId}&awps_reconnection_token=${reconnectionToken}`
    const second = openRaw(service.port, upgrade(query))
    const frames = await second.until('"last"')
    expect(frames).toContain('"kept"')
    expect(frames).not.toContain('"gone"')
    second.socket.end(clientFrame(8, Buffer.from([3, 232])))
  })
})
