import type { LogEntry } from '../model.ts'

export type LogFormat = 'text' | 'json' | 'off'
export type Log = (entry: LogEntry) => void

export interface LogSink {
  write: (line: string) => void
  now: () => Date
  /** Texts that must not get out, whoever put them into an entry. */
  secrets: () => readonly string[]
}

/** One line for each entry: `{"time","level","event",…}`, or the same for reading. `off` writes nothing. */
export function openLog(format: LogFormat, { write, now, secrets }: LogSink): Log {
  if (format === 'off') return () => {}
  const toLine = format === 'json' ? jsonLine : textLine
  return ({ level, event, ...details }) => {
    const toJson = (value: unknown) => JSON.stringify(value, masking(secrets()))
    write(`${toLine({ time: now().toISOString(), level, event, details }, toJson)}\n`)
  }
}

interface Line {
  time: string
  level: LogEntry['level']
  event: string
  details: Record<string, unknown>
}
type ToJson = (value: unknown) => string

const jsonLine = ({ time, level, event, details }: Line, toJson: ToJson) => toJson({ time, level, event, ...details })

function textLine({ time, level, event, details }: Line, toJson: ToJson): string {
  const rest = Object.entries(details).filter(([, value]) => value !== undefined)
  const label = level === 'info' ? '' : `${level.toUpperCase()} `
  const words = rest.map(([name, value]) => `${name}=${toJson(value).replace(/^"([\w.:/@-]+)"$/, '$1')}`)
  return [`${time} ${label}${event}`, ...words].join(' ')
}

/** Three parts of base64url, the first of which is a JSON object. */
const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g
/** What people put into the query of a webhook, and clients into that of a handshake. */
const secretParameter = /([?&](?:code|access_token|awps_reconnection_token|sig|key)=)[^&\s"#]+/gi

/** A shorter key is no secret, and would make every word that holds it unreadable. */
const secretMinLength = 8

/** The words of an exception may quote anything. */
const masking = (secrets: readonly string[]) => (_name: string, value: unknown) =>
  typeof value === 'string'
    ? secrets
        .filter((secret) => secret.length >= secretMinLength)
        .reduce((text, secret) => text.replaceAll(secret, '***'), value)
        .replaceAll(token, '***')
        .replaceAll(secretParameter, '$1***')
    : value
