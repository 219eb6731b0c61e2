import { parse } from './json-read.ts'
import { formatSequenced, jsonControl } from './json-write.ts'
import type { Subprotocol } from './subprotocol.ts'

/** `json.reliable.webpubsub.azure.v1` (spec 6): the same frames, and every message numbered. */
export const reliableJson: Subprotocol = {
  encoding: { name: 'json.reliable', isSequenced: true, formatMessage: formatSequenced },
  control: jsonControl,
  parse,
}
