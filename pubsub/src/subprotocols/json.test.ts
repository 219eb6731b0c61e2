import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { json } from './json.ts'
import type { Message } from '../message.ts'
import { membersOf } from './json-source.ts'
import { formatMessage } from './json-write.ts'

const parse = (frame: unknown) => json.parse(typeof frame === 'string' ? frame : JSON.stringify(frame))
const isValid = (frame: unknown) => parse(frame).ok
const frameOf = (text: unknown) => {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(`refused: ${JSON.stringify(text)}`)
  return parsed.frame
}
const send = (fields: object) => ({ type: 'sendToGroup', group: 'g', ...fields })
const event = (fields: object) => ({ type: 'event', event: 'e', ...fields })

describe('the JSON subprotocol, upstream', () => {
  it('reads every frame of the specification', () => {
    expect(frameOf('{"type":"joinGroup","group":"lobby","ackId":1}')).toEqual({
      type: 'joinGroup',
      group: 'lobby',
      ackId: 1,
    })
    expect(frameOf('{"type":"leaveGroup","group":"lobby","ackId":2}')).toEqual({
      type: 'leaveGroup',
      group: 'lobby',
      ackId: 2,
    })
    expect(
      frameOf('{"type":"sendToGroup","group":"lobby","ackId":3,"noEcho":true,"dataType":"json","data":{"text":"hi"}}'),
    ).toEqual({
      type: 'sendToGroup',
      group: 'lobby',
      ackId: 3,
      noEcho: true,
      content: { dataType: 'json', json: '{"text":"hi"}', value: { text: 'hi' } },
      metadata: undefined,
      ttlSeconds: 0,
    })
    expect(
      frameOf(
        '{"type":"sendToGroup","group":"lobby","dataType":"text","data":"hi","ttlSeconds":60,"metadata":{"trace":"42"}}',
      ),
    ).toEqual({
      type: 'sendToGroup',
      group: 'lobby',
      ackId: undefined,
      noEcho: false,
      content: { dataType: 'text', text: 'hi' },
      metadata: { trace: '42' },
      ttlSeconds: 60,
    })
    expect(frameOf(send({ dataType: 'binary', data: 'AQID' }))).toMatchObject({
      content: { dataType: 'binary', bytes: Buffer.from([1, 2, 3]) },
    })
    expect(frameOf('{"type":"event","event":"echo","ackId":5,"dataType":"json","data":{"q":1}}')).toEqual({
      type: 'event',
      event: 'echo',
      ackId: 5,
      content: { dataType: 'json', json: '{"q":1}', value: { q: 1 } },
      metadata: undefined,
    })
    expect(frameOf('{"type":"ping"}')).toEqual({ type: 'ping' })
    expect(frameOf('{"type":"sequenceAck","sequenceId":17}')).toEqual({ type: 'sequenceAck', sequenceId: 17 })
  })

  it('matches the type without case and ignores what it does not know', () => {
    expect(frameOf({ type: 'JOINGROUP', group: 'g', extra: [1] })).toEqual({
      type: 'joinGroup',
      group: 'g',
      ackId: undefined,
    })
  })

  it('refuses what is not a frame', () => {
    for (const bad of [
      '',
      '{',
      'null',
      '1',
      '"ping"',
      '[]',
      '{}',
      '{"type":1}',
      '{"type":"nope"}',
      '{"type":"toString"}',
      '{"type":"invoke"}',
    ]) {
      expect([bad, parse(bad)]).toEqual([
        bad,
        {
          ok: false,
          close: {
            code: 1007,
            text: 'The client message is not a valid JSON protocol message.',
            category: 'BadRequest',
          },
        },
      ])
    }
  })

  it('refuses wrong fields', () => {
    const bad = [
      { type: 'joinGroup' },
      { type: 'joinGroup', group: '' },
      { type: 'joinGroup', group: '  ' },
      { type: 'joinGroup', group: 'x'.repeat(1_025) },
      { type: 'joinGroup', group: 1 },
      { type: 'joinGroup', group: 'g', ackId: -1 },
      { type: 'joinGroup', group: 'g', ackId: 1.5 },
      { type: 'joinGroup', group: 'g', ackId: '1' },
      '{"type":"joinGroup","group":"g","ackId":18446744073709551616}',
      send({}),
      send({ data: null }),
      send({ dataType: 'text', data: 1 }),
      send({ dataType: 'xml', data: 'x' }),
      send({ data: 1, noEcho: 'yes' }),
      send({ dataType: 'binary', data: 'A' }),
      send({ dataType: 'binary', data: 'AQ=D' }),
      send({ dataType: 'binary', data: 'AQI!' }),
      send({ data: 1, ttlSeconds: -1 }),
      send({ data: 1, ttlSeconds: 301 }),
      send({ data: 1, ttlSeconds: 1.5 }),
      { type: 'event', data: 1 },
      event({ event: '', data: 1 }),
      event({ event: '1a', data: 1 }),
      event({ event: 'a b', data: 1 }),
      event({ event: `a${'b'.repeat(128)}`, data: 1 }),
      event({ metadata: {} }),
      { type: 'sequenceAck' },
    ]
    for (const frame of bad) expect([frame, isValid(frame)]).toEqual([frame, false])
  })

  it('accepts the values at the bounds', () => {
    const good = [
      { type: 'joinGroup', group: 'x'.repeat(1_024) },
      { type: 'joinGroup', group: 'g', ackId: 0 },
      send({ data: 0 }),
      send({ data: false }),
      send({ data: '' }),
      send({ dataType: 'text', data: '' }),
      send({ dataType: 'binary', data: '' }),
      send({ data: 1, ttlSeconds: 0 }),
      send({ data: 1, ttlSeconds: 300 }),
      event({ event: 'A_b.c-9', data: 1 }),
      send({ metadata: { k: 'v' } }),
    ]
    for (const frame of good) expect([frame, isValid(frame)]).toEqual([frame, true])
  })

  it('keeps every digit of a 64-bit ackId', () => {
    expect(frameOf('{"type":"joinGroup","group":"g","ackId":18446744073709551615}')).toMatchObject({
      ackId: 18_446_744_073_709_551_615n,
    })
    expect(frameOf('{"type":"joinGroup","group":"g","ackId":9007199254740993}')).toMatchObject({
      ackId: 9_007_199_254_740_993n,
    })
  })

  it('keeps the data as the sender wrote it', () => {
    const written = '{ "b":1.0, "1":[ 12345678901234567890 ],"a":"\\u00e9" }'
    expect(frameOf(`{"data" : ${written} ,"type":"sendToGroup","group":"g"}`)).toMatchObject({
      content: { json: written },
    })
  })

  it('holds metadata to its limits', () => {
    const withMetadata = (metadata: object) => isValid(send({ data: 1, metadata }))
    expect(withMetadata({ ['k'.repeat(256)]: 'v'.repeat(1_024) })).toBe(true)
    expect(withMetadata({ ['k'.repeat(257)]: 'v' })).toBe(false)
    expect(withMetadata({ k: 'v'.repeat(1_025) })).toBe(false)
    expect(withMetadata({ 'a b': 'v' })).toBe(false)
    expect(withMetadata({ k: 1 })).toBe(false)
    expect(
      withMetadata(Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`key${at}`, 'v'.repeat(1_020)]))),
    ).toBe(true)
    expect(
      withMetadata(Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`key${at}`, 'v'.repeat(1_021)]))),
    ).toBe(false)
  })

  it('refuses a metadata key that comes twice', () => {
    expect(isValid('{"type":"event","event":"e","data":1,"metadata":{"a":"1","b":"2"}}')).toBe(true)
    expect(isValid('{"type":"event","event":"e","data":1,"metadata":{"a":"1","\\u0061":"2"}}')).toBe(false)
  })

  it('takes protobuf data as bytes', () => {
    expect(frameOf(event({ dataType: 'protobuf', data: 'AQID' }))).toMatchObject({ content: { dataType: 'protobuf' } })
    expect(frameOf(send({ dataType: 'protobuf', data: 'AQID' }))).toMatchObject({ content: { dataType: 'protobuf' } })
  })

  it('refuses data that is nested too deep to be handled', () => {
    const nested = (levels: number) => `{"type":"event","event":"e","data":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(isValid(nested(256))).toBe(true)
    expect(isValid(nested(257))).toBe(false)
    expect(isValid(nested(100_000))).toBe(false)
  })

  it('takes binary frames that are JSON in UTF-8, and closes with 1003 for others', () => {
    expect(json.parse(Buffer.from('{"type":"ping"}'))).toEqual({ ok: true, frame: { type: 'ping' } })
    expect(json.parse(Buffer.from([0xff, 0xfe]))).toMatchObject({ close: { code: 1003 } })
    expect(json.parse(Buffer.from('ping'))).toEqual({
      ok: false,
      close: { code: 1003, text: 'The JSON subprotocol requires text messages.', category: 'BadRequest' },
    })
    expect(json.parse(Buffer.from('{"type":"nope"}'))).toMatchObject({ close: { code: 1007 } })
  })

  it('never throws', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom('g', 'json', 'binary', 'AQID'))
    const names = ['group', 'ackId', 'noEcho', 'dataType', 'data', 'metadata', 'event', 'ttlSeconds', 'sequenceId']
    const nearly = fc.record({
      type: fc.constantFrom('joinGroup', 'sendToGroup', 'event', 'sequenceAck', 'ping'),
      fields: fc.dictionary(fc.constantFrom(...names), field),
    })
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      nearly.map(({ type, fields }) => JSON.stringify({ type, ...fields })),
    )
    fc.assert(
      fc.property(text, (frame) => typeof json.parse(frame).ok === 'boolean'),
      { numRuns: 3_000 },
    )
    fc.assert(fc.property(fc.uint8Array(), (frame) => typeof json.parse(frame).ok === 'boolean'))
    expect(isValid('['.repeat(500_000))).toBe(false)
  })
})

describe('the source of a JSON object', () => {
  it('is cut into the values that JSON.parse finds', () => {
    const spaces = fc.constantFrom('', ' ', '\n\t')
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        spaces,
        fc.constantFrom(0, 2),
        (object, space, indent) => {
          const text = `${space}${JSON.stringify(object, null, indent)}${space}`
          const found = membersOf(text).map(({ key, start, end }) => [
            key,
            JSON.parse(text.slice(start, end)) as unknown,
          ])
          expect(found).toEqual(Object.entries(JSON.parse(text) as object))
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('the JSON subprotocol, downstream', () => {
  const format = (message: Message) => formatMessage(message)
  const text = { dataType: 'text', text: 'hi' } as const

  it('writes messages in the order of the specification, without white space', () => {
    expect(
      format({
        from: 'group',
        group: 'lobby',
        fromUserId: 'alice',
        content: { dataType: 'json', json: '{"text":"hi"}' },
      }),
    ).toBe(
      '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"json","data":{"text":"hi"}}',
    )
    expect(format({ from: 'group', group: 'lobby', content: { dataType: 'text', text: 'from the server side' } })).toBe(
      '{"type":"message","from":"group","group":"lobby","dataType":"text","data":"from the server side"}',
    )
    expect(format({ from: 'server', content: { dataType: 'text', text: 'Hi there!' } })).toBe(
      '{"type":"message","from":"server","dataType":"text","data":"Hi there!"}',
    )
    expect(format({ from: 'server', content: { dataType: 'binary', bytes: new Uint8Array([5, 4, 1]) } })).toBe(
      '{"type":"message","from":"server","dataType":"binary","data":"BQQB"}',
    )
    expect(
      format({ from: 'group', group: 'lobby', fromUserId: 'alice', content: text, metadata: { trace: '42' } }),
    ).toBe(
      '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"text","data":"hi","metadata":{"trace":"42"}}',
    )
  })

  it('writes system frames, acks and pongs as the specification has them', () => {
    const { control } = json
    expect(control?.formatConnected({ connectionId: 'c', userId: 'alice' })).toBe(
      '{"type":"system","event":"connected","userId":"alice","connectionId":"c"}',
    )
    expect(control?.formatConnected({ connectionId: 'c', userId: undefined })).toBe(
      '{"type":"system","event":"connected","userId":null,"connectionId":"c"}',
    )
    expect(control?.formatDisconnected('bye')).toBe('{"type":"system","event":"disconnected","message":"bye"}')
    expect(control?.formatAck(3)).toBe('{"type":"ack","ackId":3,"success":true}')
    expect(control?.formatAck(18_446_744_073_709_551_615n, { name: 'Forbidden', message: 'no' })).toBe(
      '{"type":"ack","ackId":18446744073709551615,"success":false,"error":{"name":"Forbidden","message":"no"}}',
    )
    expect(control?.formatPong()).toBe('{"type":"pong"}')
  })

  it('reads back whatever text and names it writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (group, text) => {
        expect(JSON.parse(format({ from: 'group', group, content: { dataType: 'text', text } }))).toEqual({
          type: 'message',
          from: 'group',
          group,
          dataType: 'text',
          data: text,
        })
      }),
    )
  })
})
