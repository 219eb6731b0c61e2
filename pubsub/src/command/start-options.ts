import type { StartOptions } from '../start/start.ts'
import { developmentKey } from '../start/keys.ts'
import type { Keys } from '../web-pubsub.ts'
import type { Settings } from './settings.ts'

/** A person looks for the port that the documents name; a test takes any. */
const defaultPort = 8080

/** What was asked for, in the words of the library. */
export const toStartOptions = ({ port = defaultPort, host, limits, ...settings }: Settings): StartOptions => ({
  port,
  hostname: host,
  endpoint: settings.endpoint,
  keys: keysOf(settings),
  tls: settings.tls,
  hubs: settings.hubs,
  limits: Object.fromEntries(Object.entries(limits ?? {}).filter(([, limit]) => limit !== undefined)),
  protobufJsonAs: settings.protobufJsonAs,
  inspector: settings.inspector,
  metrics: settings.metrics,
})

export function keysOf({ keys: [first, ...others] = [developmentKey] }: Settings): Keys {
  return [first ?? developmentKey, ...others]
}
