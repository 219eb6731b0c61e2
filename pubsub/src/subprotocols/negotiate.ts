import { json } from './json.ts'
import { reliableJson } from './json-reliable.ts'
import { createProtobuf } from './protobuf.ts'
import type { JsonAs } from './protobuf-write.ts'
import { simple } from './simple.ts'
import type { Subprotocol } from './subprotocol.ts'

/** By name in lower case. A name that is not in this table is a custom one. */
export type Subprotocols = ReadonlyMap<string, Subprotocol>

/** The built-in subprotocols. `jsonAs`: in which field clients of protobuf look for JSON (spec 15.4). */
export function builtInSubprotocols({ jsonAs = 'json_data' }: { jsonAs?: JsonAs | undefined } = {}): Subprotocols {
  const { protobuf, reliableProtobuf } = createProtobuf({ jsonAs })
  return new Map([
    ['json.webpubsub.azure.v1', json],
    ['json.reliable.webpubsub.azure.v1', reliableJson],
    ['protobuf.webpubsub.azure.v1', protobuf],
    ['protobuf.reliable.webpubsub.azure.v1', reliableProtobuf],
  ])
}

/** A name of the protocol's own for another path (spec 8): nobody can be given it here. */
const reserved = new Set(['mqtt'])

/** `name`: what both sides call it, in the client's spelling; absent for a client to whom nothing is echoed. */
export interface Agreement {
  name: string | undefined
  subprotocol: Subprotocol
}

/** The offers of `Sec-WebSocket-Protocol`, in the client's order. */
export const parseOffers = (header: string | null): string[] =>
  (header ?? '')
    .split(',')
    .map((offer) => wellKnown.get(offer.trim()) ?? offer.trim())
    .filter((offer) => offer !== '')

/** One string for all connections, instead of a part of each one's headers. */
const wellKnown = new Map([...builtInSubprotocols().keys()].map((name) => [name, name]))

/** Whether one of the offers is a built-in subprotocol. */
export const offersBuiltIn = (offers: string[], builtIn: Subprotocols) =>
  offers.some((offer) => builtIn.has(offer.toLowerCase()))

interface Choice {
  builtIn: Subprotocols
  /** What the backend wants, if it wants something. */
  chosen?: string | undefined
  /** What a client without a built-in subprotocol speaks. */
  otherwise?: Subprotocol | undefined
}

/**
 * Settles what is spoken (spec 3.2). The backend's choice wins and may be a custom name, then the first built-in
 * offer; else the client is a simple one. `undefined`: the backend chose what the client did not offer, or what is
 * not there.
 */
export function negotiate(offers: string[], { builtIn, chosen, otherwise = simple }: Choice): Agreement | undefined {
  const find = (name: string) => builtIn.get(name.toLowerCase())
  if (chosen === undefined) {
    const name = offers.find((offer) => find(offer))
    return { name, subprotocol: (name === undefined ? undefined : find(name)) ?? otherwise }
  }
  // names of ours count without case, custom ones as they are
  const isChosen = (offer: string) => offer === chosen || (find(offer) !== undefined && find(offer) === find(chosen))
  const offer = offers.find(isChosen)
  if (offer === undefined || reserved.has(offer.toLowerCase())) return undefined
  return { name: offer, subprotocol: find(offer) ?? otherwise }
}
