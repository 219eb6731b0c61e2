import { json } from './json.ts'
import { simple } from './simple.ts'
import type { Subprotocol } from './subprotocol.ts'

/** The built-in subprotocols that are there. A name that is not in this table is a custom one. */
const builtIn: Record<string, Subprotocol> = { 'json.webpubsub.azure.v1': json }

/** Names of the protocol's own whose meaning is fixed; until they are in the table above nobody can be given them. */
const reserved = new Set([
  'json.reliable.webpubsub.azure.v1',
  'protobuf.webpubsub.azure.v1',
  'protobuf.reliable.webpubsub.azure.v1',
  'mqtt',
])

/** `name`: what both sides call it, in the client's spelling; absent for a client to whom nothing is echoed. */
export interface Agreement {
  name: string | undefined
  subprotocol: Subprotocol
}

/** The offers of `Sec-WebSocket-Protocol`, in the client's order. */
export const parseOffers = (header: string | null) =>
  (header ?? '')
    .split(',')
    .map((offer) => offer.trim())
    .filter((offer) => offer !== '')

/**
 * Settles what is spoken (spec 3.2). The backend's choice wins and may be a custom name, then the first built-in
 * offer; else the client is a simple one. `undefined`: the backend chose what the client did not offer, or what is
 * not there.
 */
export function negotiate(offers: string[], chosen: string | undefined): Agreement | undefined {
  if (chosen !== undefined) {
    const offer = offers.find((name) => isSame(name, chosen))
    if (offer === undefined || reserved.has(offer.toLowerCase())) return undefined
    return { name: offer, subprotocol: findBuiltIn(offer) ?? simple }
  }
  const name = offers.find((offer) => findBuiltIn(offer))
  return { name, subprotocol: (name === undefined ? undefined : findBuiltIn(name)) ?? simple }
}

const findBuiltIn = (name: string): Subprotocol | undefined => {
  const key = name.toLowerCase()
  return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined
}

const isSame = (offer: string, chosen: string) =>
  offer === chosen || (findBuiltIn(offer) !== undefined && offer.toLowerCase() === chosen.toLowerCase())
