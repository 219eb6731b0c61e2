import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import type { Content, Message, StreamInfo } from '../message.ts'
import { decodeDownstream, encodeAny, encodeDownstream, hex } from '../testing/protobuf.ts'
import { createProtobuf } from './protobuf.ts'

const { protobuf, reliableProtobuf } = createProtobuf()

const { formatMessage } = protobuf.encoding
const { control } = protobuf
const numbered = (message: Message, sequenceId: number) =>
  reliableProtobuf.encoding.formatMessage(message).withSequence(sequenceId)

const hi: Content = { dataType: 'text', text: 'hi' }

describe('the protobuf subprotocol, downstream', () => {
  it('writes every frame of the specification to the byte', () => {
    const vectors = [
      [control.formatAck(1), '0A 04 08 01 10 01', { ackMessage: { ackId: 1, success: true } }],
      [
        control.formatAck(2, { name: 'Forbidden', message: 'no' }),
        '0A 13 08 02 1A 0F 0A 09 46 6F 72 62 69 64 64 65 6E 12 02 6E 6F',
        { ackMessage: { ackId: 2, error: { name: 'Forbidden', message: 'no' } } },
      ],
      [
        numbered({ from: 'group', group: 'lobby', fromUserId: 'alice', content: hi }, 1),
        '12 16 0A 05 67 72 6F 75 70 12 05 6C 6F 62 62 79 1A 04 0A 02 68 69 20 01',
        { dataMessage: { from: 'group', group: 'lobby', data: { textData: 'hi' }, sequenceId: 1 } },
      ],
      [
        control.formatConnected({ connectionId: 'c1', userId: 'alice' }),
        '1A 0D 0A 0B 0A 02 63 31 12 05 61 6C 69 63 65',
        { systemMessage: { connectedMessage: { connectionId: 'c1', userId: 'alice' } } },
      ],
      [
        control.formatDisconnected('bye'),
        '1A 07 12 05 12 03 62 79 65',
        { systemMessage: { disconnectedMessage: { reason: 'bye' } } },
      ],
      [control.formatPong(), '22 00', { pongMessage: {} }],
    ] as const
    for (const [frame, bytes, message] of vectors) {
      expect(frame).toEqual(hex(bytes))
      expect(encodeDownstream(message)).toEqual(hex(bytes))
    }
  })

  it('writes the reconnection token and no user where there is none', () => {
    const details = { connectionId: 'c1', userId: undefined, reconnectionToken: 'secret' }
    expect(decodeDownstream(control.formatConnected(details))).toEqual({
      systemMessage: { connectedMessage: { connectionId: 'c1', reconnectionToken: 'secret' } },
    })
  })

  it('writes what a publisher of streams is told', () => {
    expect(decodeDownstream(control.formatStreamAck('s1', 3))).toEqual({
      streamAckMessage: { streamId: 's1', expectedSequenceId: '3' },
    })
    const nack = { name: 'InvalidSequenceId', message: 'again', expectedSequenceId: 3 }
    expect(decodeDownstream(control.formatStreamNack('s1', nack))).toEqual({
      streamNackMessage: { streamId: 's1', ...nack, expectedSequenceId: '3' },
    })
    expect(decodeDownstream(control.formatStreamClosed('s1'))).toEqual({ streamClosedMessage: { streamId: 's1' } })
    const error = { name: 'IdleTimeout', message: 'too late' }
    expect(decodeDownstream(control.formatStreamClosed('s1', error))).toEqual({
      streamClosedMessage: { streamId: 's1', error },
    })
  })

  it('gives every ack id back as it came', () => {
    for (const ackId of [0, 1, 127, 128, 2 ** 32, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const { ackMessage } = decodeDownstream(control.formatAck(ackId))
      expect(ackMessage).toEqual(ackId === 0 ? { success: true } : { ackId: String(ackId), success: true })
    }
  })

  it('gives each connection its own number and everything else alike', () => {
    const shared = reliableProtobuf.encoding.formatMessage({
      from: 'group',
      group: 'g',
      content: hi,
      metadata: { k: 'v' },
    })
    const plain = { from: 'group', group: 'g', data: { textData: 'hi' }, metadata: { k: 'v' } }
    for (const sequenceId of [1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 35, 2 ** 53 - 1]) {
      const frame = shared.withSequence(sequenceId)
      expect(frame).toEqual(encodeDownstream({ dataMessage: { ...plain, sequenceId } }))
      expect(shared.withSequence(sequenceId)).toEqual(frame)
    }
    expect(shared.bytes).toBeWithin(encodeDownstream({ dataMessage: plain }).length - 8, 64)
  })

  it('writes all parts of all messages as another library does', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 2 ** 53 - 1 }), ({ message, dataMessage }, sequenceId) => {
        expect(formatMessage(message)).toEqual(encodeDownstream({ dataMessage }))
        expect(numbered(message, sequenceId)).toEqual(encodeDownstream({ dataMessage: { ...dataMessage, sequenceId } }))
      }),
      { numRuns: 3_000 },
    )
  })

  it('writes long texts and bytes', () => {
    for (const length of [127, 128, 1_000, 16_384, 1_048_576]) {
      const text = '€'.repeat(length)
      expect(decodeDownstream(formatMessage({ from: 'server', content: { dataType: 'text', text } }))).toEqual({
        dataMessage: { from: 'server', data: { textData: text } },
      })
      const bytes = new Uint8Array(length).fill(7)
      const frame = numbered({ from: 'server', content: { dataType: 'binary', bytes } }, 300)
      expect(frame).toEqual(
        encodeDownstream({ dataMessage: { from: 'server', data: { binaryData: bytes }, sequenceId: 300 } }),
      )
    }
  })

  it('writes bytes that only claim to be an Any as what they are', () => {
    const content: Content = { dataType: 'protobuf', bytes: hex('01 02 03') }
    expect(decodeDownstream(formatMessage({ from: 'server', content }))).toEqual({
      dataMessage: { from: 'server', data: { binaryData: Buffer.from([1, 2, 3]) } },
    })
  })

  it('replaces halves of characters, which UTF-8 has no bytes for', () => {
    const content: Content = { dataType: 'text', text: 'a\uD800b' }
    expect(decodeDownstream(formatMessage({ from: 'server', content }))).toEqual({
      dataMessage: { from: 'server', data: { textData: 'a\uFFFDb' } },
    })
  })

  it('leaves nothing of a message that failed in the next one', () => {
    const broken: Message = { from: 'server', content: hi, stream: { streamId: 's1', streamSequenceId: -1 } }
    expect(() => formatMessage(broken)).toThrow()
    expect(control.formatPong()).toEqual(hex('22 00'))
  })
})

const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const bytes = fc.uint8Array({ maxLength: 300 })
const name = fc.string({ minLength: 1, maxLength: 40 })

/** The same content in our words and in those of the schema. */
const contents: fc.Arbitrary<{ content: Content; data: object }> = fc.oneof(
  text.map((text) => ({ content: { dataType: 'text', text } as const, data: { textData: text } })),
  fc.json().map((json) => ({ content: { dataType: 'json', json } as const, data: { jsonData: json } })),
  bytes.map((bytes) => ({ content: { dataType: 'binary', bytes } as const, data: { binaryData: bytes } })),
  fc.record({ type_url: name, value: fc.uint8Array({ minLength: 1 }) }).map((any) => ({
    content: { dataType: 'protobuf', bytes: encodeAny(any) } as const,
    data: { protobufData: any },
  })),
)
const metadata = fc.option(fc.dictionary(name, text, { minKeys: 1, maxKeys: 4 }), { nil: undefined })
const streams: fc.Arbitrary<StreamInfo | undefined> = fc.option(
  fc.record(
    {
      streamId: name,
      streamSequenceId: fc.integer({ min: 1, max: 2 ** 53 - 1 }),
      endOfStream: fc.constant(true as const),
      error: fc.record(
        { name: fc.constantFrom('UserError', 'Cancelled'), message: text, userErrorCode: text },
        { requiredKeys: ['name', 'message'] },
      ),
    },
    { requiredKeys: ['streamId', 'streamSequenceId'] },
  ),
  { nil: undefined },
)
const origins = fc.oneof(
  fc.constant({ from: 'server' } as const),
  fc.record({ from: fc.constant('group' as const), group: name, fromUserId: fc.option(name, { nil: undefined }) }),
)
const messages = fc.record({ origin: origins, contents, metadata, stream: streams }).map((parts) => {
  const { origin, contents, metadata, stream } = parts
  const message: Message = { ...origin, content: contents.content, metadata, stream }
  const group = origin.from === 'group' ? { group: origin.group } : {}
  return { message, dataMessage: { from: origin.from, ...group, data: contents.data, metadata, stream } }
})
