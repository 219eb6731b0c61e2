import type { LogEntry } from '../model.ts'
import { developmentKey } from '../start/keys.ts'
import type { RunningWebPubSub } from '../start/start.ts'
import type { Settings } from './settings.ts'

const socketAddress = (endpoint: string) => endpoint.replace(/^http/, 'ws')

/** The facts of a start, for whoever reads the log; a key of one's own is not among them. */
export const startedEntry = (service: RunningWebPubSub, settings: Settings): LogEntry => ({
  level: 'info',
  event: 'started',
  url: service.url,
  endpoint: service.endpoint,
  connectionString: service.keys[0] === developmentKey ? service.connectionString : withoutKey(service),
  client: `${socketAddress(service.endpoint)}/client/hubs/{hub}`,
  ...(settings.inspector !== 'off' && { inspector: `${service.url}/` }),
  ...(settings.metrics !== 'off' && { metrics: `${service.url}/metrics` }),
})

const withoutKey = ({ endpoint }: RunningWebPubSub) => `Endpoint=${endpoint};AccessKey=<your key>;Version=1.0;`

export interface Reader {
  /** A terminal: a log that is kept must not hold the key. */
  isPerson: boolean
}

/** What to do next, for the person who started it. */
export function greeting(service: RunningWebPubSub, settings: Settings, { isPerson }: Reader): string {
  const { url, endpoint, connectionString, keys } = service
  const mayShowKey = isPerson || keys[0] === developmentKey
  const rows = [
    ['Connection string', mayShowKey ? connectionString : withoutKey(service)],
    ['Clients', `${socketAddress(endpoint)}/client/hubs/<hub>?access_token=<token>`],
    ...(settings.inspector === 'off' ? [] : [['Look inside', `${url}/`]]),
    ...(settings.metrics === 'off' ? [] : [['Metrics', `${url}/metrics`]]),
    ['Stop', 'Ctrl+C'],
  ]
  const lines = rows.map(([name = '', text = '']) => `  ${name.padEnd(17)}  ${text}`)
  const heading = endpoint === url ? url : `${endpoint} (listening at ${url})`
  return `chatr-pubsub is running at ${heading}\n\n${lines.join('\n')}\n\n`
}
