import type { Message } from '../message.ts'
import type { Parsed, Subprotocol, WireFrame } from './subprotocol.ts'

/** A client without a built-in subprotocol (spec 4): bare payloads both ways, every frame an event `message`. */
export const simple: Subprotocol = {
  encoding: { name: 'simple', formatMessage },
  control: undefined,
  parse,
}

function parse(data: string | Uint8Array): Parsed {
  const payload =
    typeof data === 'string' ? ({ dataType: 'text', data } as const) : ({ dataType: 'binary', data } as const)
  return { ok: true, frame: { type: 'event', event: 'message', ackId: undefined, payload } }
}

function formatMessage({ content }: Message): WireFrame {
  if (content.dataType === 'json') return content.json
  return content.dataType === 'text' ? content.text : new Uint8Array(content.bytes)
}
