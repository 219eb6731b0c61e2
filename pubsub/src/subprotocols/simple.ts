import type { Content, Message } from '../message.ts'
import { isGroupName } from '../names.ts'
import type { Parsed, Subprotocol, UpstreamFrame, WireFrame } from './subprotocol.ts'

/** One for all of them: they share every message that is published. */
const encoding = { name: 'simple', isSequenced: false, formatMessage } as const

/** A client without a built-in subprotocol (spec 4): bare payloads both ways, every frame an event `message`. */
export const simple = simpleClient((content) => ({
  type: 'event',
  event: 'message',
  ackId: undefined,
  content,
  metadata: undefined,
}))

/** The same, but every frame goes to a group (spec 4.1). */
const simpleSender = ({ group, noEcho }: { group: string; noEcho: boolean }) =>
  simpleClient((content) => ({
    type: 'sendToGroup',
    group,
    ackId: undefined,
    noEcho,
    content,
    metadata: undefined,
    ttlSeconds: 0,
  }))

function simpleClient(toFrame: (content: Content) => UpstreamFrame): Subprotocol {
  return { encoding, control: undefined, parse }
  function parse(data: string | Uint8Array): Parsed {
    const content: Content =
      typeof data === 'string' ? { dataType: 'text', text: data } : { dataType: 'binary', bytes: data }
    return { ok: true, frame: toFrame(content) }
  }
}

function formatMessage({ content }: Message): WireFrame {
  if (content.dataType === 'json') return content.json
  return content.dataType === 'text' ? content.text : new Uint8Array(content.bytes)
}

type SimpleMode = { ok: true; subprotocol: Subprotocol } | { ok: false; text: string }

/**
 * What the query of a simple client's URL asks for (spec 4.1): names count without case, and of a repeated parameter
 * the last value. `text` tells the client what is wrong.
 */
export function readSimpleMode(query: URLSearchParams): SimpleMode {
  const mode = lastOf(query, 'webpubsub_mode')?.toLowerCase() ?? 'sendevent'
  const group = lastOf(query, 'group')
  const noEcho = lastOf(query, 'noecho')?.toLowerCase() ?? 'false'
  if (mode === 'sendevent') return { ok: true, subprotocol: simple }
  if (mode !== 'sendtogroup') return { ok: false, text: 'webpubsub_mode is sendEvent or sendToGroup.' }
  if (group === undefined || !isGroupName(group)) return { ok: false, text: 'group is the name of a group.' }
  if (noEcho !== 'true' && noEcho !== 'false') return { ok: false, text: 'noEcho is true or false.' }
  return { ok: true, subprotocol: simpleSender({ group, noEcho: noEcho === 'true' }) }
}

const lastOf = (query: URLSearchParams, name: string) => [...query].findLast(([key]) => key.toLowerCase() === name)?.[1]
