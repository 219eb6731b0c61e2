import { parse } from './protobuf-read.ts'
import { type JsonAs, messageFormats, protobufControl } from './protobuf-write.ts'
import type { Subprotocol } from './subprotocol.ts'

/**
 * `protobuf.webpubsub.azure.v1` and `protobuf.reliable.webpubsub.azure.v1` (spec 7, `webpubsub.proto`). The reliable one
 * has the same frames, and every message numbered. `jsonAs`: where the clients look for JSON (spec 15.4).
 */
export function createProtobuf({ jsonAs = 'json_data' }: { jsonAs?: JsonAs } = {}) {
  const { formatMessage, formatSequenced } = messageFormats(jsonAs)
  return {
    protobuf: {
      encoding: { name: 'protobuf', isSequenced: false, formatMessage },
      control: protobufControl,
      parse,
    },
    reliableProtobuf: {
      encoding: { name: 'protobuf.reliable', isSequenced: true, formatMessage: formatSequenced },
      control: protobufControl,
      parse,
    },
  } satisfies Record<string, Subprotocol>
}
