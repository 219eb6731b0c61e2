import { describe, expect, it } from 'bun:test'
import { encodeAny, encodeUpstream, hex } from '../testing/protobuf.ts'
import { createProtobuf } from './protobuf.ts'
import { isAny } from './protobuf-frames.ts'

const { protobuf, reliableProtobuf } = createProtobuf()

const { parse } = protobuf
const refused = {
  ok: false,
  close: { code: 1007, text: 'The client message is not a valid protobuf protocol message.' },
}

function frameOf(bytes: Uint8Array) {
  const parsed = parse(bytes)
  if (!parsed.ok) throw new Error(`refused: ${Buffer.from(bytes).toString('hex')}`)
  return parsed.frame
}
const read = (message: object) => frameOf(encodeUpstream(message))
const isValid = (message: object) => parse(encodeUpstream(message)).ok
const isValidHex = (digits: string) => parse(hex(digits)).ok

const send = (fields: object) => ({ sendToGroupMessage: { group: 'g', ...fields } })
const sendText = (fields: object) => send({ data: { textData: 't' }, ...fields })
const event = (fields: object) => ({ eventMessage: { event: 'e', ...fields } })
/** A field that holds bytes, for what no library would write. */
const field = (number: number, ...parts: Uint8Array[]) => {
  const bytes = Buffer.concat(parts)
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return new Uint8Array(Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]))
}
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

describe('the protobuf subprotocol, upstream', () => {
  it('reads every frame of the specification', () => {
    const vectors = [
      {
        bytes: '32 09 0A 05 6C 6F 62 62 79 10 01',
        message: { joinGroupMessage: { group: 'lobby', ackId: 1 } },
        frame: { type: 'joinGroup', group: 'lobby', ackId: 1 },
      },
      {
        bytes: '0A 11 0A 05 6C 6F 62 62 79 10 02 1A 04 0A 02 68 69 20 01',
        message: { sendToGroupMessage: { group: 'lobby', ackId: 2, data: { textData: 'hi' }, noEcho: true } },
        frame: {
          type: 'sendToGroup',
          group: 'lobby',
          ackId: 2,
          noEcho: true,
          content: { dataType: 'text', text: 'hi' },
          metadata: undefined,
          ttlSeconds: 0,
        },
      },
      {
        bytes: '2A 0F 0A 04 65 63 68 6F 12 05 12 03 01 02 03 18 03',
        message: { eventMessage: { event: 'echo', data: { binaryData: hex('010203') }, ackId: 3 } },
        frame: {
          type: 'event',
          event: 'echo',
          ackId: 3,
          content: { dataType: 'binary', bytes: hex('010203') },
          metadata: undefined,
        },
      },
      {
        bytes: '42 02 08 05',
        message: { sequenceAckMessage: { sequenceId: 5 } },
        frame: { type: 'sequenceAck', sequenceId: 5 },
      },
      { bytes: '4A 00', message: { pingMessage: {} }, frame: { type: 'ping' } },
    ]
    for (const { bytes, message, frame } of vectors) {
      expect(encodeUpstream(message)).toEqual(hex(bytes))
      expect(frameOf(hex(bytes))).toEqual(frame as never) // the table's own type is wider
    }
  })

  it('reads leaving, streams and all that a send may have', () => {
    expect(read({ leaveGroupMessage: { group: 'g' } })).toEqual({ type: 'leaveGroup', group: 'g', ackId: undefined })
    expect(read(sendText({ ttlSeconds: 300, metadata: { trace: '42', empty: '' } }))).toMatchObject({
      noEcho: false,
      metadata: { trace: '42', empty: '' },
      ttlSeconds: 300,
    })
    expect(read(send({ noEcho: true, stream: { streamId: 's1', idleTimeoutMs: 60_000 } }))).toEqual({
      type: 'streamStart',
      group: 'g',
      noEcho: true,
      streamId: 's1',
      idleTimeoutMs: 60_000,
    })
    expect(read({ streamDataMessage: { streamId: 's1', streamSequenceId: 2, data: { textData: 'x' } } })).toEqual({
      type: 'streamData',
      streamId: 's1',
      part: { streamSequenceId: 2, content: { dataType: 'text', text: 'x' } },
    })
    expect(read({ streamDataMessage: { streamId: 's1' } })).toEqual({
      type: 'streamData',
      streamId: 's1',
      part: undefined,
    })
    expect(read({ streamEndMessage: { streamId: 's1' } })).toEqual({
      type: 'streamEnd',
      streamId: 's1',
      error: undefined,
    })
    const error = { message: 'gave up', userErrorCode: 'APP_42' }
    expect(read({ streamEndMessage: { streamId: 's1', error } })).toEqual({ type: 'streamEnd', streamId: 's1', error })
  })

  it('reads the four kinds of data', () => {
    const json = ' {"b":1.0, "1":[1e400,2]} '
    const any = { type_url: 'type.googleapis.com/x.Y', value: hex('08 01') }
    expect(read(send({ data: { textData: '' } }))).toMatchObject({ content: { dataType: 'text', text: '' } })
    expect(read(send({ data: { jsonData: json } }))).toMatchObject({
      content: { dataType: 'json', json, value: { b: 1, 1: [Infinity, 2] } },
    })
    expect(read(event({ data: { binaryData: hex('') } }))).toMatchObject({
      content: { dataType: 'binary', bytes: hex('') },
    })
    expect(read(event({ data: { protobufData: any } }))).toMatchObject({
      content: { dataType: 'protobuf', bytes: encodeAny(any) },
    })
  })

  it('reads the name of any property as metadata', () => {
    const frame = read(sendText({ metadata: { ['__proto__']: 'a', constructor: 'b' } }))
    expect(frame.type === 'sendToGroup' && Object.entries(frame.metadata ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  it('keeps every bit of a 64-bit number', () => {
    const edges = [0, 7, 14, 21, 28, 32, 35, 42, 49, 53, 56, 63].flatMap((bits) =>
      [-1n, 0n, 1n].map((by) => 2n ** BigInt(bits) + by),
    )
    for (const edge of [...edges, 2n ** 64n - 1n]) {
      const expected = edge <= Number.MAX_SAFE_INTEGER ? Number(edge) : edge
      expect(read({ joinGroupMessage: { group: 'g', ackId: String(edge) } })).toMatchObject({ ackId: expected })
      expect(read({ sequenceAckMessage: { sequenceId: String(edge) } })).toMatchObject({ sequenceId: expected })
    }
  })

  it('closes with 1003 for a text frame', () => {
    expect(parse('')).toMatchObject({
      ok: false,
      close: { code: 1003, text: 'The protobuf subprotocol requires binary messages.' },
    })
  })

  it('refuses what is not one message', () => {
    expect(parse(hex(''))).toMatchObject(refused)
    const broken = {
      'only a field that is unknown': '7A 00',
      'a number that is reserved': '52 00',
      'a number beyond the table': 'FA FF FF FF 0F 00',
      'the field number 0': '02 00',
      'a tag of more than 32 bits': 'CA 80 80 80 10 00',
      'a tag that does not end': 'CA',
      'the wire type 6': '4E 00',
      'the wire type 7': '4F 00',
      'a ping as a number': '48 00',
      'a ping as a group': '4B 4C',
      'a group that ends without a beginning': '4A 00 4C',
      'an unknown group that does not end': '4A 00 7B',
      'an unknown group that another ends': '4A 00 7B 84 01',
      'a ping that is cut': '4A 01',
      'a join without a group': '32 02 10 01',
      'a group of another wire type': '32 02 08 01',
      'an ack id of another wire type': '32 05 0A 01 67 12 00',
      'an ack id of 11 bytes': '32 0F 0A 01 67 10 80 80 80 80 80 80 80 80 80 80 01',
      'an unknown number of 11 bytes': '4A 00 78 80 80 80 80 80 80 80 80 80 80 01',
      'a group name beyond its message': '32 03 0A 02 67 67',
      'a group name beyond the frame': '32 7F 0A 7D 67',
      'a group name that is not UTF-8': '32 04 0A 02 C3 28',
      'a surrogate in UTF-8': '32 05 0A 03 ED A0 80',
      'an event with a stream that is cut': '2A 0A 0A 01 65 12 02 0A 00 2A 01 08',
      'an unknown field that is cut': '4A 00 79 00',
    }
    expect(Object.entries(broken).filter(([, bytes]) => isValidHex(bytes))).toEqual([])
  })

  it('refuses lengths that nobody could mean, without reserving room for them', () => {
    for (const length of ['FF FF FF FF 0F', 'FF FF FF FF 07', '80 80 80 80 08', 'FF FF FF FF FF FF FF FF FF 01']) {
      for (const tags of ['4A', '32', '32 7F 0A', '0A 7F 1A 7F 12', '0A 7F 32 7F 0A', '7A', '4A 00 7A', '7B 7A']) {
        expect([tags, length, isValidHex(`${tags} ${length}`)]).toEqual([tags, length, false])
      }
    }
  })

  it('refuses wrong fields', () => {
    const bad = [
      { joinGroupMessage: { group: '' } },
      { joinGroupMessage: { group: '  ' } },
      { joinGroupMessage: { group: 'a\nb' } },
      { leaveGroupMessage: { group: 'x'.repeat(1_025) } },
      send({}),
      send({ data: {} }),
      sendText({ group: '' }),
      sendText({ ttlSeconds: 301 }),
      sendText({ ttlSeconds: 4_294_967_295 }),
      sendText({ metadata: { 'a b': 'v' } }),
      sendText({ metadata: { '': 'v' } }),
      sendText({ metadata: { k: 'v'.repeat(1_025) } }),
      send({ data: { jsonData: '' } }),
      send({ data: { jsonData: '{' } }),
      send({ data: { jsonData: ' null' } }),
      send({ data: { jsonData: '\uFEFF1' } }),
      send({ data: { jsonData: '['.repeat(500_000) } }),
      event({}),
      event({ data: {} }),
      event({ event: '1', data: { textData: '' } }),
      event({ event: '', data: { textData: '' } }),
      event({ stream: { streamId: 's' } }),
      send({ stream: {} }),
      send({ stream: { streamId: 's', idleTimeoutMs: 0 } }),
      send({ stream: { streamId: 's', idleTimeoutMs: 86_400_001 } }),
      send({ stream: { streamId: 'x'.repeat(1_025) } }),
      send({ group: '', stream: { streamId: 's' } }),
      sendText({ stream: { streamId: 's' } }),
      send({ ackId: 1, stream: { streamId: 's' } }),
      { streamDataMessage: {} },
      { streamDataMessage: { streamId: 's', streamSequenceId: 1 } },
      { streamDataMessage: { streamId: 's', data: { textData: 'x' } } },
      { streamDataMessage: { streamId: 's', streamSequenceId: '9007199254740992', data: { textData: 'x' } } },
      { streamEndMessage: { error: { message: 'm' } } },
    ]
    expect(bad.filter(isValid)).toEqual([])
  })

  it('accepts the values at the bounds', () => {
    const good = [
      { joinGroupMessage: { group: 'x'.repeat(1_024) } },
      sendText({ ttlSeconds: 0 }),
      send({ data: { jsonData: '0' } }),
      send({ data: { jsonData: 'false' } }),
      send({ data: { jsonData: '""' } }),
      send({ metadata: { k: 'v' } }),
      event({ metadata: { k: 'v' }, data: {} }),
      event({ data: { textData: 'x' }, stream: { streamId: 's' } }),
      send({ data: {}, stream: { streamId: 's', idleTimeoutMs: 1 } }),
      send({ stream: { streamId: 'x'.repeat(1_024), idleTimeoutMs: 86_400_000 } }),
      { sequenceAckMessage: {} },
    ]
    expect(good.filter((message) => !isValid(message))).toEqual([])
  })

  it('takes missing data beside metadata for an empty text', () => {
    const content = { dataType: 'text', text: '' } as const
    expect(read(send({ metadata: { k: 'v' } }))).toMatchObject({ content, metadata: { k: 'v' } })
    expect(read(event({ metadata: { k: 'v' } }))).toMatchObject({ content, metadata: { k: 'v' } })
  })

  it('reads a ttl as it was sent, not what is left of it in 32 bits', () => {
    // ttl_seconds = 2^32 + 5
    expect(parse(field(1, field(1, hex('67')), field(3, hex('0A 00')), hex('28 85 80 80 80 10'))).ok).toBe(false)
  })

  it('skips fields that it does not know, of every wire type and at every depth', () => {
    const unknown = hex(
      'F8 01 05 F9 01 00 00 00 00 00 00 00 00 FA 01 02 01 02 FD 01 00 00 00 00 FB 01 08 01 0B 0C FC 01',
    )
    const data = field(3, unknown, field(1, hex('68 69')), unknown)
    const metadata = field(6, unknown, field(1, hex('6B')), field(2, hex('76')))
    const frame = joined(unknown, field(1, unknown, field(1, hex('67')), data, metadata, unknown), unknown)
    expect(frameOf(frame)).toMatchObject({ group: 'g', content: { text: 'hi' }, metadata: { k: 'v' } })
  })

  it('takes unknown groups to a depth that is safe', () => {
    const groups = (depth: number) => joined(hex('4A 00'), hex('7B'.repeat(depth)), hex('7C'.repeat(depth)))
    expect(parse(groups(30)).ok).toBe(true)
    expect(parse(groups(100)).ok).toBe(false)
    expect(parse(groups(500_000)).ok).toBe(false)
  })
})

describe('what comes twice in a protobuf frame', () => {
  it('counts the last time, where it is a scalar', () => {
    expect(frameOf(field(6, hex('0A 01 61 10 01 0A 01 62 10 02')))).toMatchObject({ group: 'b', ackId: 2 })
  })

  it('counts the last time, where it is of one oneof', () => {
    const join = encodeUpstream({ joinGroupMessage: { group: 'g', ackId: 1 } })
    const ping = encodeUpstream({ pingMessage: {} })
    expect(frameOf(joined(join, ping))).toEqual({ type: 'ping' })
    expect(frameOf(joined(ping, join))).toMatchObject({ type: 'joinGroup', ackId: 1 })
    const data = hex('0A 01 61 22 01 31')
    expect(frameOf(field(1, hex('0A 01 67'), field(3, data)))).toMatchObject({
      content: { dataType: 'json', json: '1' },
    })
    expect(frameOf(field(1, hex('0A 01 67'), field(3, data, data, hex('12 01 07'))))).toMatchObject({
      content: { dataType: 'binary', bytes: hex('07') },
    })
  })

  it('is merged, where it is a message', () => {
    expect(frameOf(hex('32 03 0A 01 67 32 02 10 01'))).toEqual({ type: 'joinGroup', group: 'g', ackId: 1 })
    const data = [field(3, hex('0A 01 61')), field(3), field(3, hex('22 01 31'))]
    expect(frameOf(field(1, hex('0A 01 67'), ...data))).toMatchObject({ content: { json: '1' } })
    const metadata = [field(6, hex('0A 01 61')), field(6, hex('0A 01 62 12 01 63'))]
    expect(frameOf(joined(field(1, hex('0A 01 67'), data[0] ?? hex(''), ...metadata)))).toMatchObject({
      metadata: { a: '', b: 'c' },
    })
  })

  it('is not merged with what another field of the oneof has replaced', () => {
    expect(parse(hex('32 03 0A 01 67 4A 00 32 02 10 01')).ok).toBe(false)
    const [first, second] = [field(3, field(1, hex('61'))), field(3, field(2, hex('62')))]
    expect(frameOf(field(1, hex('0A 01 67'), field(3, first, hex('0A 00'), second)))).toMatchObject({
      content: { dataType: 'protobuf', bytes: field(2, hex('62')) },
    })
  })

  it('is joined, where it is an Any: that is the same as merged', () => {
    const parts = [field(1, hex('61')), field(2, hex('62')), field(2, hex('63'))]
    const data = field(3, ...parts.map((part) => field(3, part)))
    expect(frameOf(field(1, hex('0A 01 67'), data))).toMatchObject({
      content: { dataType: 'protobuf', bytes: joined(...parts) },
    })
  })

  it('is refused, where it is a key of metadata', () => {
    const frame = (...metadata: string[]) => field(1, hex('0A 01 67'), ...metadata.map((entry) => field(6, hex(entry))))
    expect(parse(frame('0A 01 61', '0A 01 62')).ok).toBe(true)
    expect(parse(frame('0A 01 61', '0A 01 61')).ok).toBe(false)
  })
})

describe('an Any', () => {
  it('is what every library can read', () => {
    expect([hex(''), hex('0A 01 61 12 01 FF'), hex('18 01'), hex('12 02 00 00')].map(isAny)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([hex('01 02 03'), hex('0A 01 FF'), hex('08 01'), hex('12 02 00')].map(isAny)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('is refused when it is none', () => {
    expect(parse(field(1, hex('0A 01 67'), field(3, field(3, hex('01 02 03'))))).ok).toBe(false)
  })
})

describe('the two protobuf subprotocols', () => {
  it('read the same and are told apart by their names', () => {
    expect(reliableProtobuf.parse).toBe(protobuf.parse)
    expect(protobuf.encoding).toMatchObject({ name: 'protobuf', isSequenced: false })
    expect(reliableProtobuf.encoding).toMatchObject({ name: 'protobuf.reliable', isSequenced: true })
  })

  it('can give JSON as text to clients of the older schema', () => {
    const message = { from: 'server', content: { dataType: 'json', json: '{}' } } as const
    const older = createProtobuf({ jsonAs: 'text_data' })
    const asText = hex('12 0E 0A 06 73 65 72 76 65 72 1A 04 0A 02 7B 7D')
    expect(older.protobuf.encoding.formatMessage(message)).toEqual(asText)
    expect(older.reliableProtobuf.encoding.formatMessage(message).withSequence(1)).toEqual(
      joined(hex('12 10'), asText.slice(2), hex('20 01')),
    )
    expect(protobuf.encoding.formatMessage(message)).toEqual(hex('12 0E 0A 06 73 65 72 76 65 72 1A 04 22 02 7B 7D'))
  })
})
