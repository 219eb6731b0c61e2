import { type ClientEvent, type ClientEventName, clientEvents } from '@chatr/protocol'
import * as z from 'zod/mini'
import type { Payload } from './chat-events.ts'
import type { Refusal } from './context.ts'

z.config(z.locales.en())

const compiled = Object.fromEntries(
  Object.entries(clientEvents).map(([name, schema]) => [name, z.compile<z.ZodMiniType>(schema)]),
)

export type ParsedEvent<Name extends ClientEventName> =
  | { ok: true; data: ClientEvent<Name> }
  | { ok: false; refusal: Refusal }

/** Checks what came with an event. `data` is from `readPayload`. */
export function parseEvent<Name extends ClientEventName>(name: Name, data: unknown): ParsedEvent<Name> {
  const parsed = compiled[name]?.safeParse(data)
  // Name and schema belong together.
  if (parsed?.success) return { ok: true, data: parsed.data as ClientEvent<Name> }
  const issue = parsed?.error.issues[0]
  const field = issue?.path.join('.') || 'data'
  const isTooLong = issue?.code === 'too_big' && field === 'text'
  return {
    ok: false,
    refusal: { code: isTooLong ? 'TooLarge' : 'BadRequest', message: `${field}: ${issue?.message ?? 'invalid'}` },
  }
}

/** A chat id may come as bare text, and an object as JSON text; binary data says nothing. */
export function readPayload({ dataType, data }: Payload): unknown {
  if (dataType === 'binary' || dataType === 'protobuf') return undefined
  if (typeof data !== 'string' || !/^\s*[{"]/.test(data)) return data
  try {
    return JSON.parse(data)
  } catch (error) {
    if (error instanceof SyntaxError) return data
    throw error
  }
}

/** What the client tells its requests apart by, as far as it can be made out. */
export function findRef(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return usableRef(data)
  const { ref, id, chatId } = data as Record<string, unknown> // an object, by the line above
  return usableRef(ref) ?? usableRef(id) ?? usableRef(chatId)
}

/** No id and no ref is longer than this; what is would only be carried back and forth. */
const refMaxLength = 128
const usableRef = (value: unknown) =>
  typeof value === 'string' && value !== '' && value.length <= refMaxLength ? value : undefined
