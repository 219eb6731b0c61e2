import { json } from './json.ts'
import { reliableJson } from './json-reliable.ts'
import { protobuf, reliableProtobuf } from './protobuf.ts'
import { simple } from './simple.ts'
import type { Subprotocol } from './subprotocol.ts'

/** The built-in subprotocols. A name that is not in this table is a custom one. */
const builtIn: Record<string, Subprotocol> = {
  'json.webpubsub.azure.v1': json,
  'json.reliable.webpubsub.azure.v1': reliableJson,
  'protobuf.webpubsub.azure.v1': protobuf,
  'protobuf.reliable.webpubsub.azure.v1': reliableProtobuf,
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
    .map((offer) => builtInNames.get(offer.trim()) ?? offer.trim())
    .filter((offer) => offer !== '')

/** One string for all connections, instead of a part of each one's headers. */
const builtInNames = new Map(Object.keys(builtIn).map((name) => [name, name]))

/** Whether one of the offers is a built-in subprotocol. */
export const offersBuiltIn = (offers: string[]) => offers.some((offer) => findBuiltIn(offer))

interface Choice {
  /** What the backend wants, if it wants something. */
  chosen: string | undefined
  /** What a client without a built-in subprotocol speaks. */
  otherwise?: Subprotocol
}

/**
 * Settles what is spoken (spec 3.2). The backend's choice wins and may be a custom name, then the first built-in
 * offer; else the client is a simple one. `undefined`: the backend chose what the client did not offer, or what is
 * not there.
 */
export function negotiate(offers: string[], { chosen, otherwise = simple }: Choice): Agreement | undefined {
  if (chosen !== undefined) {
    const offer = offers.find((name) => isSame(name, chosen))
    if (offer === undefined || reserved.has(offer.toLowerCase())) return undefined
    return { name: offer, subprotocol: findBuiltIn(offer) ?? otherwise }
  }
  const name = offers.find((offer) => findBuiltIn(offer))
  return { name, subprotocol: (name === undefined ? undefined : findBuiltIn(name)) ?? otherwise }
}

const findBuiltIn = (name: string): Subprotocol | undefined => {
  const key = name.toLowerCase()
  return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined
}

const isSame = (offer: string, chosen: string) =>
  offer === chosen || (findBuiltIn(offer) !== undefined && offer.toLowerCase() === chosen.toLowerCase())
