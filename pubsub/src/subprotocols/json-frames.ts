import * as z from 'zod/mini'
import { wireLimits } from '../limits.ts'
import { isMetadata } from '../metadata.ts'
import { isEventName, isGroupName } from '../names.ts'

/** 2^64 as the nearest double: the exact bound is checked on the digits (`json.ts`). */
const uint64 = z.number().check(z.gte(0), z.lte(18_446_744_073_709_551_616), z.refine(Number.isInteger))
const GroupName = z.string().check(z.refine(isGroupName))
const EventName = z.string().check(z.refine(isEventName))

const Metadata = z.record(z.string(), z.string()).check(z.refine((metadata) => isMetadata(Object.entries(metadata))))

const ackId = z.optional(uint64)
const payload = {
  dataType: z.optional(z.enum(['json', 'text', 'binary', 'protobuf'])),
  data: z.optional(z.unknown()),
  metadata: z.optional(Metadata),
}
const ttlSeconds = z.optional(z.int().check(z.gte(0), z.lte(wireLimits.ttlMaxSeconds)))

const target = z.literal('event')
const streamId = z.string().check(z.minLength(1), z.maxLength(wireLimits.streamIdMaxLength))
const invocationId = z.string().check(z.minLength(1), z.maxLength(wireLimits.invocationIdMaxLength))
const idleTimeoutMs = z.optional(z.int().check(z.gte(1), z.lte(wireLimits.streamIdleTimeoutMaxMs)))
const streamSequenceId = z.optional(z.int().check(z.gte(0)))
const errorText = z.optional(z.string().check(z.maxLength(wireLimits.streamErrorMaxLength)))
const streamError = z.optional(z.object({ message: errorText, userErrorCode: errorText }))
const stream = z.optional(z.object({ streamId, idleTimeoutMs }))
const state = z.optional(z.nullable(z.record(z.string(), z.string())))

/** Every frame a JSON client may send, by its `type` (spec 5). Unknown properties are dropped. */
export const frameSchemas = {
  joinGroup: z.compile(z.object({ group: GroupName, ackId })),
  leaveGroup: z.compile(z.object({ group: GroupName, ackId })),
  sendToGroup: z.compile(
    z.object({ group: GroupName, ackId, noEcho: z.optional(z.boolean()), ttlSeconds, stream, ...payload }),
  ),
  event: z.compile(z.object({ event: EventName, ackId, ...payload })),
  ping: z.compile(z.object({})),
  sequenceAck: z.compile(z.object({ sequenceId: uint64 })),
  invoke: z.compile(z.object({ invocationId, target, event: EventName, ...payload })),
  cancelInvocation: z.compile(z.object({ invocationId })),
  streamData: z.compile(z.object({ streamId, streamSequenceId, ...payload })),
  streamEnd: z.compile(z.object({ streamId, error: streamError })),
  setGroupState: z.compile(z.object({ group: GroupName, ackId, state })),
  subscribeGroupState: z.compile(z.object({ group: GroupName, ackId })),
  unsubscribeGroupState: z.compile(z.object({ group: GroupName, ackId })),
}
export type FrameKind = keyof typeof frameSchemas
export type Fields<Kind extends FrameKind> = z.infer<(typeof frameSchemas)[Kind]>
/** The fields that describe what is sent, before its kind was looked at. */
export type PayloadFields = Pick<Fields<'event'>, 'dataType' | 'data' | 'metadata'>
