import { parse } from './json-read.ts'
import { formatMessage, jsonControl } from './json-write.ts'
import type { Subprotocol } from './subprotocol.ts'

/** `json.webpubsub.azure.v1` (spec 5). */
export const json: Subprotocol = {
  encoding: { name: 'json', isSequenced: false, formatMessage },
  control: jsonControl,
  parse,
}
