import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { keyProblem } from '../start/keys.ts'
import { describeConfigFault } from './config-fault.ts'
import { type Flags, readFlags } from './flags.ts'
import { isNear, nearestName } from './nearest-name.ts'
import { checkSettings, formatPath, type Settings } from './settings.ts'

/** Where the command looks for what it should do. */
export interface Sources {
  args: readonly string[]
  env: Record<string, string | undefined>
  cwd: string
  /** Called for `--config -` alone. */
  readStdin: () => string
}

/** All that was asked for, with TLS files read and everything without a value left out. */
export interface Config {
  settings: Settings
  /** Absolute; `undefined` where there is nothing to watch. */
  configFile: string | undefined
  lifelineFd: number | undefined
}

export type ReadConfig =
  | { ok: true; config: Config }
  | { ok: true; asksFor: 'help' | 'version' }
  /** One line each, with no value of a secret. */
  | { ok: false; problems: string[] }

export function readConfig(sources: Sources): ReadConfig {
  const read = readFlags(sources.args)
  if (read.ok && read.flags.asksFor) return { ok: true, asksFor: read.flags.asksFor }
  const file = read.ok ? readFile(read.flags, sources) : nothing
  // who hands over settings by standard input is a program, and says all of it there
  const environment = read.ok && read.flags.configFile === '-' ? nothing : readEnvironment(sources.env)
  const problems = [read, file, environment].flatMap((source) => (source.ok ? [] : source.problems))
  if (!read.ok || !file.ok || !environment.ok) return { ok: false, problems }
  const settings = merge(file.settings, environment.settings, read.flags.settings)
  const tls = readTls(settings, folderOf(read.flags, sources))
  const missing = keyProblem({ hostname: settings.host ?? '127.0.0.1', ...settings })
  const late = [
    ...(tls.ok ? [] : tls.problems),
    ...(missing ? [`${missing}; set CHATR_PUBSUB_KEY, or keys in a --config file`] : []),
  ]
  if (!tls.ok || late.length > 0) return { ok: false, problems: late }
  const { configFile, lifelineFd } = read.flags
  const watched = configFile === undefined || configFile === '-' ? undefined : resolve(sources.cwd, configFile)
  return { ok: true, config: { settings: { ...settings, ...tls.settings }, configFile: watched, lifelineFd } }
}

type Part = { ok: true; settings: Settings } | { ok: false; problems: string[] }
const nothing: Part = { ok: true, settings: {} }
/** Some editors put it in front. */
const byteOrderMark = /^\uFEFF/

function readFile({ configFile: file }: Flags, { cwd, readStdin }: Sources): Part {
  if (file === undefined) return nothing
  const name = file === '-' ? 'standard input' : file
  let values: unknown
  try {
    const text = file === '-' ? readStdin() : readFileSync(resolve(cwd, file), 'utf8')
    values = JSON.parse(text.replace(byteOrderMark, ''))
  } catch (error) {
    return { ok: false, problems: [`${name} ${describeConfigFault(error)}`] }
  }
  return checkSettings(values, (path) => `${name}: ${formatPath(path)}`.trimEnd())
}

const prefix = 'CHATR_PUBSUB_'
const variables = ['CHATR_PUBSUB_KEY', 'CHATR_PUBSUB_KEY2']

/** What Kubernetes tells every pod about a Service whose name is `chatr-pubsub`, or begins so. */
const isOfKubernetes = (name: string) =>
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/.test(name)

const isMisspelt = (name: string) =>
  !variables.includes(name) && !isOfKubernetes(name) && (name.includes('KEY') || isNear(name, variables))

/** Secrets alone: nobody else sees them there. An empty variable counts as not set. */
function readEnvironment(env: Sources['env']): Part {
  const unknown = Object.keys(env).filter((name) => name.startsWith(prefix) && isMisspelt(name))
  const { CHATR_PUBSUB_KEY: key, CHATR_PUBSUB_KEY2: key2 } = env
  const problems = unknown.map((name) => `${name} is unknown; did you mean ${nearestName(name, variables)}?`)
  if (key2 && !key) problems.push('CHATR_PUBSUB_KEY2 wants CHATR_PUBSUB_KEY beside it')
  if (problems.length > 0) return { ok: false, problems }
  return key ? { ok: true, settings: { keys: key2 ? [key, key2] : [key] } } : nothing
}

/** Later ones win; handlers of one hub add up, those of later sources first. */
function merge(...sources: Settings[]): Settings {
  const hubs: NonNullable<Settings['hubs']> = {}
  for (const [name, hub] of sources.flatMap((source) => Object.entries(source.hubs ?? {}))) {
    const known = hubs[name.toLowerCase()]
    const eventHandlers = [...(hub.eventHandlers ?? []), ...(known?.eventHandlers ?? [])]
    hubs[name.toLowerCase()] = { ...known, ...hub, eventHandlers }
  }
  return { ...Object.assign({}, ...sources), hubs }
}

const folderOf = ({ configFile }: Flags, { cwd }: Sources) =>
  configFile === undefined || configFile === '-' ? cwd : dirname(resolve(cwd, configFile))

/** Replaces names of files by what is in them. */
function readTls({ tls }: Settings, folder: string): Part {
  if (!tls) return nothing
  const texts = { ...tls }
  const problems: string[] = []
  for (const name of ['cert', 'key'] as const) {
    if (tls[name].startsWith('-----BEGIN')) continue
    try {
      texts[name] = readFileSync(resolve(folder, tls[name]), 'utf8')
    } catch (error) {
      problems.push(`tls.${name} ${describeConfigFault(error)}`)
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: { tls: texts } }
}
