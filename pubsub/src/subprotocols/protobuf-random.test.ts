import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { isEventName, isGroupName } from '../names.ts'
import { decodeUpstream, encodeAny, encodeUpstream } from '../testing/protobuf.ts'
import { createProtobuf } from './protobuf.ts'
import type { UpstreamFrame } from './subprotocol.ts'

const { parse } = createProtobuf().protobuf

const groups = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter(isGroupName)
const events = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,20}$/)
const ackIds = fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined })
const sequenceIds = fc.integer({ min: 0, max: 2 ** 53 - 1 })
const streamIds = fc.string({ minLength: 1, maxLength: 20 })
const keys = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,20}$/)
const metadata = fc.option(fc.dictionary(keys, fc.string({ maxLength: 50 }), { minKeys: 1, maxKeys: 3 }), {
  nil: undefined,
})

const contents = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => ({ data: { textData: text }, content: { dataType: 'text', text } })),
  fc.uint8Array().map((bytes) => ({ data: { binaryData: bytes }, content: { dataType: 'binary', bytes } })),
  fc
    .jsonValue()
    .filter((value) => value !== null)
    .map((value) => JSON.stringify(value))
    .map((json) => ({
      data: { jsonData: json },
      content: { dataType: 'json', json, value: JSON.parse(json) as unknown },
    })),
  fc.record({ type_url: fc.string(), value: fc.uint8Array() }).map((any) => ({
    data: { protobufData: any },
    content: { dataType: 'protobuf', bytes: encodeAny(any) },
  })),
)

const toAckId = (ackId: bigint | undefined) =>
  ackId !== undefined && ackId <= Number.MAX_SAFE_INTEGER ? Number(ackId) : ackId
const digits = (ackId: bigint | undefined) => (ackId === undefined ? {} : { ackId: String(ackId) })

/** What a client means, as the schema says it and as the service must understand it. */
const frames: fc.Arbitrary<{ upstream: object; frame: object }> = fc.oneof(
  fc.record({ group: groups, ackId: ackIds, isJoin: fc.boolean() }).map(({ group, ackId, isJoin }) => ({
    upstream: { [isJoin ? 'joinGroupMessage' : 'leaveGroupMessage']: { group, ...digits(ackId) } },
    frame: { type: isJoin ? 'joinGroup' : 'leaveGroup', group, ackId: toAckId(ackId) },
  })),
  fc
    .record({ group: groups, ackId: ackIds, contents, metadata, noEcho: fc.boolean(), ttlSeconds: fc.nat(300) })
    .map(({ ackId, contents: { data, content }, ...rest }) => ({
      upstream: { sendToGroupMessage: { ...rest, ...digits(ackId), data } },
      frame: { type: 'sendToGroup', ...rest, ackId: toAckId(ackId), content },
    })),
  fc
    .record({ event: events, ackId: ackIds, contents, metadata })
    .map(({ ackId, contents: { data, content }, ...rest }) => ({
      upstream: { eventMessage: { ...rest, ...digits(ackId), data } },
      frame: { type: 'event', ...rest, ackId: toAckId(ackId), content },
    })),
  fc
    .record({ group: groups, streamId: streamIds, idleTimeoutMs: fc.integer({ min: 1, max: 86_400_000 }) })
    .map(({ group, ...stream }) => ({
      upstream: { sendToGroupMessage: { group, stream } },
      frame: { type: 'streamStart', group, noEcho: false, ...stream },
    })),
  fc
    .record({ streamId: streamIds, streamSequenceId: sequenceIds, contents })
    .map(({ contents: { data, content }, streamId, streamSequenceId }) => ({
      upstream: { streamDataMessage: { streamId, streamSequenceId, data } },
      frame: { type: 'streamData', streamId, part: { streamSequenceId, content } },
    })),
  fc
    .record({ streamId: streamIds, error: fc.record({ message: fc.string(), userErrorCode: fc.string() }) })
    .map((end) => ({ upstream: { streamEndMessage: end }, frame: { type: 'streamEnd', ...end } })),
  sequenceIds.map((sequenceId) => ({
    upstream: { sequenceAckMessage: { sequenceId } },
    frame: { type: 'sequenceAck', sequenceId },
  })),
  fc.constant({ upstream: { pingMessage: {} }, frame: { type: 'ping' } }),
)

/** One wound: a byte changed, taken out, put in, or the rest cut off. `at` is a part of the frame's length. */
const wounds = fc.array(
  fc.record({
    kind: fc.constantFrom('change', 'flip', 'flip', 'remove', 'insert', 'cut'),
    at: fc.integer({ min: 0, max: 999 }),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x7f, 0x80, 0xff)),
  }),
  { minLength: 1, maxLength: 3 },
)
type Wound = { kind: string; at: number; byte: number }

const wounding: Record<string, (bytes: number[], at: number, byte: number) => void> = {
  change: (bytes, at, byte) => bytes.splice(at, 1, byte),
  remove: (bytes, at) => bytes.splice(at, 1),
  insert: (bytes, at, byte) => bytes.splice(at, 0, byte),
  cut: (bytes, at) => bytes.splice(at),
  flip: (bytes, at, byte) => bytes.splice(at, 1, (bytes[at] ?? 0) ^ (1 << (byte % 8))),
}

function wounded(frame: Uint8Array, wounds: Wound[]): Uint8Array {
  const bytes = [...frame]
  for (const { kind, at, byte } of wounds) wounding[kind]?.(bytes, Math.floor((at * bytes.length) / 1_000), byte)
  return new Uint8Array(bytes)
}

/** What the rest of the service relies on, whoever sent the frame. */
function isSound(frame: UpstreamFrame): boolean {
  if ('group' in frame && !isGroupName(frame.group)) return false
  if ('event' in frame && !isEventName(frame.event)) return false
  if ('streamId' in frame && frame.streamId === '') return false
  if (!('content' in frame) || frame.content.dataType !== 'json') return true
  return JSON.parse(frame.content.json) !== null
}

describe('random protobuf frames', () => {
  it('are read as another library wrote them', () => {
    fc.assert(
      fc.property(frames, ({ upstream, frame }) => {
        expect(parse(encodeUpstream(upstream))).toEqual({ ok: true, frame } as never) // the arbitrary's type is wider
      }),
      { numRuns: 5_000 },
    )
  })

  it('are refused or sound when they are spoiled, and never throw', () => {
    const valid = fc.sample(frames, 500).map(({ upstream }) => encodeUpstream(upstream))
    let taken = 0
    fc.assert(
      fc.property(fc.constantFrom(...valid), wounds, (frame, wounds) => {
        const bytes = wounded(frame, wounds)
        const parsed = parse(bytes)
        if (!parsed.ok) return parsed.close.code === 1007
        taken++
        decodeUpstream(bytes) // must not throw: what we take, others can read too
        return isSound(parsed.frame)
      }),
      { numRuns: 100_000 },
    )
    expect(taken).toBeGreaterThan(1_000) // or it would say little
  }, 60_000)

  it('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => typeof parse(bytes).ok === 'boolean'),
      { numRuns: 20_000 },
    )
  })
})
