export type LogFields = Record<string, unknown>

/** One line per event that matters. Callers never pass message bodies, tokens or cookies. */
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}
type Level = keyof Log

type Write = (line: string) => void
export interface LogSinks {
  out: Write
  err: Write
  now: () => Date
}

const toConsole: LogSinks = {
  out: (line) => process.stdout.write(line),
  err: (line) => process.stderr.write(line),
  now: () => new Date(),
}

/** Information goes to stdout, the rest to stderr; `quiet` drops the information. */
export function openLog(format: 'text' | 'json' | 'quiet', sinks: LogSinks = toConsole): Log {
  const line = format === 'json' ? jsonLine : textLine
  const write =
    (level: Level, sink: Write) =>
    (event: string, fields: LogFields = {}) =>
      sink(`${line({ time: sinks.now().toISOString(), level, event, fields })}\n`)
  return {
    info: format === 'quiet' ? () => undefined : write('info', sinks.out),
    warn: write('warn', sinks.err),
    error: write('error', sinks.err),
  }
}

interface Entry {
  time: string
  level: Level
  event: string
  fields: LogFields
}

const jsonLine = ({ time, level, event, fields }: Entry) => JSON.stringify({ time, level, event, ...fields })

function textLine({ time, level, event, fields }: Entry): string {
  const rest = Object.entries(fields).filter(([, value]) => value !== undefined)
  const label = level === 'info' ? '' : `${level.toUpperCase()} `
  return [`${time} ${label}${event}`, ...rest.map(([key, value]) => `${key}=${formatValue(value)}`)].join(' ')
}

const formatValue = (value: LogFields[string]) =>
  typeof value === 'string' && /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value)

/** What `api` and `pubsub` tell, each fact an object with its level and event, as lines of this log. */
export const logEntriesOf =
  (log: Log, part: string) =>
  ({ level, event, ...fields }: Record<string, unknown>) =>
    log[isLevel(level) ? level : 'info'](`${part} ${String(event)}`, fields)

const isLevel = (level: unknown): level is Level => level === 'info' || level === 'warn' || level === 'error'

/** What broke, in one line, for a field of a log line. */
export const messageOf = (error: unknown) =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replaceAll(/\s*\n\s*/g, ' ')
