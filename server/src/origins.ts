import type { Config, EmulatedProvider } from './config.ts'
import { isLoopbackHost } from './loopback.ts'

export interface Origins {
  /** Browsers come over https. */
  isSecure: boolean
  /** The origin under which the browser of this request knows us. No header of a proxy is believed. */
  originOf: (request: Request) => string
  /** The providers that are emulated for whoever sends this request. */
  emulatedFor: (request: Request) => readonly EmulatedProvider[]
}

/**
 * What follows from how browsers reach us. Providers that are emulated only because this is a development machine are
 * there under a loopback name alone: a tunnel, a proxy, or a page that rebinds its own name to this machine gets none.
 */
export function openOrigins(config: Config): Origins {
  const originOf = (request: Request) => config.publicOrigin ?? new URL(request.url).origin
  return {
    isSecure: config.publicOrigin?.startsWith('https:') ?? false,
    originOf,
    emulatedFor: (request) =>
      config.isEmulatedByDefault && !isLoopbackHost(new URL(originOf(request)).hostname) ? [] : config.emulated,
  }
}
