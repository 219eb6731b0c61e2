import { type Refusal, settle, valueOf } from './refusals.ts'
import { type FanOutOptions, pack, type Parcel } from './parcel.ts'
import { readFilter, type Selection } from './selection.ts'

export interface CloseOptions {
  /** Travels in the client's `disconnected` frame. */
  reason?: string
}

export interface CloseManyOptions extends CloseOptions {
  /** Connection ids that stay. The official client passes it on by this name, though its types do not list it. */
  excluded?: string[]
}

interface Letter {
  message: unknown
  options?: FanOutOptions | undefined
}

/** Sends in this very turn, so that sends keep their order; only a Blob has to be read first. */
export async function dispatch(
  { message, options = {} }: Letter,
  send: (parcel: Parcel, selection: Selection) => Refusal | undefined,
): Promise<void> {
  const matches = valueOf(readFilter(options.filter))
  const parcel = valueOf(pack(message instanceof Blob ? await message.arrayBuffer() : message, options))
  settle(send(parcel, { matches, excludedIds: options.excludedConnections ?? [] }))
}
