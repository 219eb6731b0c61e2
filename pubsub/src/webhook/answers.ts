import * as z from 'zod/mini'
import { fromHeaderValue } from '../header-value.ts'
import { wireLimits } from '../limits.ts'
import { payloadOf } from '../message.ts'
import type { ConnectAnswer, EventAnswer, Payload } from '../ports.ts'
import { webhookFault } from './fault.ts'
import { metadataPrefix } from './headers.ts'
import { type AnswerHeaders, type HttpAnswer, isSuccess, valueOf, valuesOf } from './http-answer.ts'

const ConnectBody = z.nullish(
  z.object({
    userid: z.nullish(z.string()),
    groups: z.nullish(z.array(z.string())),
    roles: z.nullish(z.array(z.string())),
    subprotocol: z.nullish(z.string()),
  }),
)

/**
 * Reads the answer to `connect` (spec 3.3). A status of 400 and more is a refusal; what is neither that nor a success,
 * and a body that is not what it should be, is a fault.
 */
export function readConnectAnswer({ status, headers, body }: HttpAnswer): ConnectAnswer {
  if (status >= 400 && status < 600) return { accept: false, status }
  if (!isSuccess(status)) throw webhookFault('BadStatus', `the handler answered ${status}`)
  const fields = readConnectBody(headers, body)
  const state = valueOf(headers, stateHeader)
  return {
    accept: true,
    ...(isGiven(fields?.userid) && { userId: fields.userid }),
    ...(isGiven(fields?.groups) && { groups: fields.groups }),
    ...(isGiven(fields?.roles) && { roles: fields.roles }),
    ...(isGiven(fields?.subprotocol) && { subprotocol: fields.subprotocol }),
    ...(isGiven(state) && { state }),
  }
}

const stateHeader = 'ce-connectionstate'

const isGiven = <Value>(value: Value): value is NonNullable<Value> => value !== undefined && value !== null

/** Whatever its content type; names count without case, as .NET reads them. */
function readConnectBody(headers: AnswerHeaders, body: Buffer) {
  if (body.byteLength === 0) return undefined
  const parsed = parseJson(readText(headers, body))
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  const lowered = isObject ? lowerNames(parsed) : parsed
  const { success, data } = z.safeParse(ConnectBody, lowered)
  if (!success) throw webhookFault('BadAnswer', 'the answer to connect is not as it should be')
  return data
}

const lowerNames = (object: object) =>
  Object.fromEntries(Object.entries(object).map(([name, value]: [string, unknown]) => [name.toLowerCase(), value]))

/** Reads the answer to a user event (spec 10.3). What is no success is a fault, and changes nothing. */
export function readEventAnswer({ status, headers, body }: HttpAnswer): EventAnswer {
  if (!isSuccess(status)) throw webhookFault('BadStatus', `the handler answered ${status}`)
  const metadata = readMetadata(headers)
  const reply = readReply(headers, body, metadata !== undefined)
  const state = valueOf(headers, stateHeader)
  return { ...(reply && { reply }), ...(state !== undefined && { state }), ...(metadata && { metadata }) }
}

/** An empty body is a reply if metadata comes with it. */
function readReply(headers: AnswerHeaders, body: Buffer, hasMetadata: boolean): Payload | undefined {
  if (body.byteLength === 0 && !hasMetadata) return undefined
  const type = (valueOf(headers, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const read = readers.get(type)
  if (read && (body.byteLength > 0 || type !== 'application/json')) return read(headers, body)
  if (body.byteLength === 0) return { dataType: 'text', data: '' }
  throw webhookFault('BadAnswer', 'the answer has a content type that no message has')
}

type Reader = (headers: AnswerHeaders, body: Buffer) => Payload

const readBinary: Reader = (headers, body) => {
  refuseEncoding(headers)
  return { dataType: 'binary', data: new Uint8Array(body) }
}

const readers = new Map<string, Reader>([
  ['', readBinary],
  ['application/octet-stream', readBinary],
  ['text/plain', (headers, body) => ({ dataType: 'text', data: readText(headers, body) })],
  ['application/json', readJsonReply],
])

/** The text goes on as it is, so it must be JSON; null cannot be sent (spec 13, row 31). */
function readJsonReply(headers: AnswerHeaders, body: Buffer): Payload {
  const json = readText(headers, body)
  if (parseJson(json) === null) throw webhookFault('BadAnswer', 'the answer is null')
  return payloadOf({ dataType: 'json', json })
}

/** Keys in lower case; the last one of each counts, and one without a name does not (spec 10.3). */
function readMetadata(headers: AnswerHeaders): Record<string, string> | undefined {
  const names = headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  const keys = new Set(
    names
      .filter((name) => name.startsWith(metadataPrefix) && name !== metadataPrefix)
      .map((name) => name.slice(metadataPrefix.length)),
  )
  if (keys.size === 0) return undefined
  const entries = [...keys].map((key) => [key, fromHeaderValue(lastOf(headers, key))] as const)
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  const { metadataKeyMaxLength, metadataValueMaxLength, metadataMaxBytes } = wireLimits
  const isTooLong = ([key, value]: readonly [string, string]) =>
    key.length > metadataKeyMaxLength || value.length > metadataValueMaxLength
  if (bytes > metadataMaxBytes || entries.some(isTooLong)) throw webhookFault('BadAnswer', 'too much metadata')
  return Object.fromEntries(entries)
}

const lastOf = (headers: AnswerHeaders, key: string) => valuesOf(headers, metadataPrefix + key).at(-1) ?? ''

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function readText(headers: AnswerHeaders, body: Buffer): string {
  refuseEncoding(headers)
  try {
    return strictUtf8.decode(body)
  } catch (error) {
    throw Object.assign(webhookFault('BadAnswer', 'the body is not UTF-8'), { cause: error })
  }
}

/** Nobody asked for compression, so nothing is unpacked: no small answer can become a large one. */
function refuseEncoding(headers: AnswerHeaders): void {
  const encoding = valueOf(headers, 'content-encoding')?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity') throw webhookFault('BadAnswer', 'the body is compressed')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw Object.assign(webhookFault('BadAnswer', 'the body is not JSON'), { cause: error })
  }
}
