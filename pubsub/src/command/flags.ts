import { parseArgs } from 'node:util'
import { nearestName } from './nearest-name.ts'
import { checkSettings, formatPath, type Path, type Settings } from './settings.ts'

interface Flag {
  /** How its value looks in the help; absent where it takes none. */
  value?: string
  /** Absent: not for people. */
  help?: string
  /** The setting it stands for, from the root of the settings. */
  setting?: Path
  read?: (text: string) => unknown
}

/** Every flag. `--help` shows this table. */
export const flags: Record<string, Flag> = {
  port: { value: '<number>', help: 'TCP port, 0 for any free one (default 8080)', setting: ['port'], read: toNumber },
  host: {
    value: '<address>',
    help: 'address to listen on (default 127.0.0.1, this machine only; 0.0.0.0 for all)',
    setting: ['host'],
  },
  endpoint: {
    value: '<url>',
    help: 'how clients reach the service, if not by host and port',
    setting: ['endpoint'],
  },
  key: { value: '<key>', help: 'access key; better set CHATR_PUBSUB_KEY', setting: ['keys', 0] },
  key2: { value: '<key>', help: 'second key, accepted too; better set CHATR_PUBSUB_KEY2', setting: ['keys', 1] },
  config: { value: '<file>', help: 'settings as JSON; - reads standard input' },
  'tls-cert': { value: '<file>', help: 'certificate chain (PEM): serve https and wss', setting: ['tls', 'cert'] },
  'tls-key': { value: '<file>', help: 'its private key (PEM)', setting: ['tls', 'key'] },
  handler: { value: '<hub>=<url>', help: 'post all events of the hub to this webhook; may be repeated' },
  'allow-anonymous': { value: '<hub>', help: 'let clients without a token into the hub; may be repeated' },
  inspector: { value: '<who>', help: 'the page at /: off, loopback (default) or on', setting: ['inspector'] },
  metrics: { value: '<who>', help: 'Prometheus at /metrics: off, loopback (default) or on', setting: ['metrics'] },
  log: { value: '<format>', help: 'text (default), json or off', setting: ['log'] },
  'drain-seconds': {
    value: '<number>',
    help: 'time to close connections gently when stopping (default 10)',
    setting: ['drainSeconds'],
    read: toNumber,
  },
  // for programs that start this one: it stops when this file descriptor ends
  'lifeline-fd': { value: '<number>' },
  version: { help: 'print the version' },
  help: { help: 'print this text' },
}

export interface Flags {
  settings: Settings
  configFile: string | undefined
  lifelineFd: number | undefined
  asksFor: 'help' | 'version' | undefined
}
type ReadFlags = { ok: true; flags: Flags } | { ok: false; problems: string[] }

/** Reads the command line; every problem is one line that names its flag and shows no value of a key. */
export function readFlags(args: readonly string[]): ReadFlags {
  const { tokens } = parseArgs({ args: [...args], options: options(), strict: false, tokens: true })
  const given = new Map<string, string[]>()
  const problems: string[] = []
  for (const token of tokens) {
    const problem = token.kind === 'option' ? take(token, given) : describeStray(token)
    if (problem !== undefined) problems.push(problem)
  }
  if (given.has('help') || given.has('version'))
    return { ok: true, flags: asking(given.has('help') ? 'help' : 'version') }
  const { values, misfits } = toSettings(given)
  const checked = checkSettings(values, (path) => nameOf(path))
  problems.push(...misfits, ...(checked.ok ? [] : checked.problems))
  const lifeline = given.get('lifeline-fd')?.at(-1)
  if (lifeline !== undefined && !/^\d{1,4}$/.test(lifeline)) problems.push('--lifeline-fd wants a file descriptor')
  if (!checked.ok || problems.length > 0) return { ok: false, problems: [...new Set(problems)] }
  const configFile = given.get('config')?.at(-1)
  const lifelineFd = lifeline === undefined ? undefined : Number(lifeline)
  return { ok: true, flags: { settings: checked.settings, configFile, lifelineFd, asksFor: undefined } }
}

const asking = (asksFor: 'help' | 'version'): Flags => ({
  settings: {},
  configFile: undefined,
  lifelineFd: undefined,
  asksFor,
})

const options = () =>
  Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), ...(name === 'help' && { short: 'h' }) },
    ]),
  )

interface OptionToken {
  name: string
  rawName: string
  value: string | undefined
  inlineValue: boolean | undefined
}

/** Keeps the option, or says what is wrong with it. */
function take({ name, rawName, value, inlineValue }: OptionToken, given: Map<string, string[]>): string | undefined {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (!flag) return `${rawName} is unknown; did you mean --${nearestName(name, Object.keys(flags))}?`
  if (!flag.value && value !== undefined) return `${rawName} takes no value`
  // what looks like the next flag was meant as one, unless it was joined by "="
  if (flag.value && (value === undefined || value === '' || (!inlineValue && /^-./.test(value))))
    return `${rawName} wants ${flag.value}`
  given.set(name, [...(given.get(name) ?? []), value ?? ''])
  return undefined
}

/** Without its text, which may be the key that belongs to a flag that was misspelt. */
const describeStray = ({ kind, index }: { kind: string; index: number }) =>
  kind === 'positional' ? `argument ${index + 1} is no flag; see --help` : undefined

interface HubParts {
  anonymousConnect?: 'allow'
  eventHandlers?: { urlTemplate: string; userEventPattern: string; systemEvents: string[] }[]
}

/** The values as a configuration file would hold them. */
function toSettings(given: Map<string, string[]>): { values: Record<string, unknown>; misfits: string[] } {
  const values: Record<string, unknown> = {}
  for (const [name, texts] of given) {
    const { setting, read = (text: string) => text } = flags[name] ?? {}
    const [first, second] = setting ?? []
    if (typeof first !== 'string') continue
    const value = read(texts.at(-1) ?? '')
    values[first] = second === undefined ? value : { ...Object(values[first]), [second]: value }
  }
  const { hubs, misfits } = toHubs(given)
  if (Object.keys(hubs).length > 0) values['hubs'] = hubs
  if (!values['keys']) return { values, misfits }
  const { 0: first, 1: second } = Object(values['keys'])
  if (first === undefined) misfits.push('--key2 wants a --key beside it')
  values['keys'] = [first ?? second, ...(second === undefined ? [] : [second])]
  return { values, misfits }
}

function toHubs(given: Map<string, string[]>): { hubs: Record<string, HubParts>; misfits: string[] } {
  const hubs: Record<string, HubParts> = {}
  const misfits: string[] = []
  for (const name of given.get('allow-anonymous') ?? []) hubs[name.toLowerCase()] = { anonymousConnect: 'allow' }
  for (const text of given.get('handler') ?? []) {
    const [, hub, urlTemplate] = /^([^=]+)=(.+)$/.exec(text) ?? []
    const name = hub?.toLowerCase()
    if (name === undefined || urlTemplate === undefined) {
      misfits.push('--handler wants <hub>=<url>, such as chat=http://localhost:3000/eventhandler')
      continue
    }
    const handler = { urlTemplate, userEventPattern: '*', systemEvents: ['connect', 'connected', 'disconnected'] }
    hubs[name] = { ...hubs[name], eventHandlers: [...(hubs[name]?.eventHandlers ?? []), handler] }
  }
  return { hubs, misfits }
}

/** How a person said it. */
function nameOf(path: Path): string {
  if (path[0] === 'hubs') return path.includes('eventHandlers') ? '--handler' : '--handler, --allow-anonymous: the hub'
  const isAt = (setting: Path) => setting.every((part, index) => part === path[index])
  const found = Object.entries(flags).find(([, { setting }]) => setting && isAt(setting))
  return found ? `--${found[0]}` : path[0] === 'tls' ? '--tls-cert and --tls-key' : formatPath(path)
}

function toNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}
