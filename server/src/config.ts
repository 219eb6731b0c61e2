import { isAbsolute, resolve } from 'node:path'
import * as z from 'zod/mini'
import { isLoopbackHost } from './loopback.ts'
import { nearestName } from './nearest-name.ts'

export const emulatedProviders = ['github', 'aad', 'twitter'] as const
export type EmulatedProvider = (typeof emulatedProviders)[number]

const whole = (min: number, max: number, preset: number) =>
  z.pipe(
    z._default(z.string(), String(preset)).check(z.regex(/^\d{1,9}$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(min), z.maximum(max))),
  )

const Host = z.string().check(z.regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$/))

const PublicOrigin = z
  .string()
  .check(
    z.refine((text) => {
      const url = URL.parse(text)
      return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` && url.host !== ''
    }),
  )
  .check(z.overwrite((text) => URL.parse(text)?.origin ?? text))

const ProviderList = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text: string) => (text === 'off' ? [] : text.split(',').map((name) => name.trim()))),
  ),
  z.array(z.enum(emulatedProviders)),
)

/** `Endpoint=https://…;AccessKey=…;…`, the keys in any case (webpubsub.md 2.1). */
const ConnectionString = z.string().check(z.refine((text) => parseConnectionString(text) !== undefined))

const Environment = z.object({
  PORT: whole(0, 65_535, 4280),
  HOST: z._default(Host, '127.0.0.1'),
  CHATR_DATA: z._default(z.string().check(z.minLength(1)), '.chatr'),
  CHATR_PUBLIC_ORIGIN: z.optional(PublicOrigin),
  CHATR_IDLE_SECONDS: whole(1, 86_400, 60),
  CHATR_GUESTS: z._default(z.enum(['on', 'off']), 'on'),
  CHATR_EMULATED_SIGN_IN: z.optional(ProviderList),
  CHATR_SESSION_DAYS: whole(1, 3_650, 30),
  CHATR_DATABASE_MAX_MB: whole(0, 100_000_000, 0),
  CHATR_WEB_PUBSUB: z.optional(ConnectionString),
  CHATR_LOG: z._default(z.enum(['text', 'json', 'quiet']), 'text'),
})
type VariableName = keyof typeof Environment.shape

interface VariableDoc {
  /** What holds when it is not set, as a person would read it. */
  default: string
  meaning: string
  /** Completes "it wants …". */
  wants: string
  isSecret?: true
}

/** Every variable that Chatr knows, for the README and for the lines that refuse a wrong one. */
export const docs: Record<VariableName, VariableDoc> = {
  PORT: { default: '4280', meaning: 'TCP port; 0 takes any free one', wants: 'a whole number from 0 to 65535' },
  HOST: {
    default: '127.0.0.1',
    meaning: 'Address to listen on; 0.0.0.0 is every IPv4 address of the machine',
    wants: 'an IP address or a host name, such as 127.0.0.1, localhost or 0.0.0.0',
  },
  CHATR_DATA: {
    default: '.chatr',
    meaning: 'Folder of the database, the sessions and the secrets',
    wants: 'the path of a folder',
  },
  CHATR_PUBLIC_ORIGIN: {
    default: "the request's own scheme and host",
    meaning: 'How browsers reach Chatr when it stands behind a proxy; with https, cookies are Secure',
    wants: 'an origin without a path, such as https://chat.example.com',
  },
  CHATR_IDLE_SECONDS: {
    default: '60',
    meaning: 'Seconds without any input until somebody is shown as idle',
    wants: 'a whole number from 1 to 86400',
  },
  CHATR_GUESTS: { default: 'on', meaning: 'Whether guests may sign in', wants: 'on or off' },
  CHATR_EMULATED_SIGN_IN: {
    default: 'all on a loopback address, else off',
    meaning: 'Emulated providers, where anybody may take any name: for development machines',
    wants: 'off, or a comma list of github, aad and twitter',
  },
  CHATR_SESSION_DAYS: {
    default: '30',
    meaning: 'Days until somebody has to sign in again',
    wants: 'a whole number from 1 to 3650',
  },
  CHATR_DATABASE_MAX_MB: {
    default: '0',
    meaning: 'Most megabytes that the chat database may take; 0 is no limit',
    wants: 'a whole number from 0 to 100000000',
  },
  CHATR_WEB_PUBSUB: {
    default: 'the embedded service',
    meaning: 'Connection string of an Azure Web PubSub that carries the connections instead',
    wants: 'a connection string: Endpoint=https://…;AccessKey=…;Version=1.0;',
    isSecret: true,
  },
  CHATR_LOG: {
    default: 'text',
    meaning: 'Log lines as text or as JSON; quiet keeps warnings and errors only',
    wants: 'text, json or quiet',
  },
}

export interface Config {
  port: number
  host: string
  /** Absolute. */
  dataFolder: string
  publicOrigin: string | undefined
  idleAfterSeconds: number
  hasGuests: boolean
  emulated: readonly EmulatedProvider[]
  /** They are on because this is a development machine, not because somebody asked for them by name. */
  isEmulatedByDefault: boolean
  sessionDays: number
  /** `undefined`: no limit. */
  databaseMaxBytes: number | undefined
  webPubSub: WebPubSubAccess | undefined
  log: 'text' | 'json' | 'quiet'
}

export interface WebPubSubAccess {
  connectionString: string
  endpoint: string
  accessKey: string
}

/** The environment is wrong; `problems` has a line for each variable, without the value of any secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads the whole configuration from `env`; an empty variable counts as not set, a relative `CHATR_DATA` begins at
 * `cwd`. Throws one `ConfigError` with every problem.
 */
export function readConfig(env: Record<string, string | undefined>, cwd = process.cwd()): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(set)
  const wrong = parsed.success ? [] : namesOf(parsed.error).map((name) => describeWrong(name, set[name]))
  const unknown = Object.keys(set).filter((name) => name.startsWith('CHATR_') && !Object.hasOwn(docs, name))
  const problems = [...wrong, ...unknown.map(describeUnknown)]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  const config = decide(parsed.data, cwd)
  if (!config.hasGuests && config.emulated.length === 0) throw new ConfigError([nobodyCanSignIn])
  return config
}

const nobodyCanSignIn =
  'CHATR_GUESTS is "off" and no provider is switched on: nobody could sign in; ' +
  'it wants on, or CHATR_EMULATED_SIGN_IN with a provider'

function decide(env: z.infer<typeof Environment>, cwd: string): Config {
  const publicHost = env.CHATR_PUBLIC_ORIGIN && new URL(env.CHATR_PUBLIC_ORIGIN).hostname
  const isDevelopment = isLoopbackHost(env.HOST) && (publicHost === undefined || isLoopbackHost(publicHost))
  const { CHATR_EMULATED_SIGN_IN: named, CHATR_WEB_PUBSUB: connectionString } = env
  return {
    port: env.PORT,
    host: env.HOST,
    dataFolder: isAbsolute(env.CHATR_DATA) ? env.CHATR_DATA : resolve(cwd, env.CHATR_DATA),
    publicOrigin: env.CHATR_PUBLIC_ORIGIN,
    idleAfterSeconds: env.CHATR_IDLE_SECONDS,
    hasGuests: env.CHATR_GUESTS === 'on',
    emulated: named ? [...new Set(named)] : isDevelopment ? emulatedProviders : [],
    isEmulatedByDefault: named === undefined && isDevelopment,
    sessionDays: env.CHATR_SESSION_DAYS,
    databaseMaxBytes: env.CHATR_DATABASE_MAX_MB === 0 ? undefined : env.CHATR_DATABASE_MAX_MB * 1_000_000,
    webPubSub: connectionString === undefined ? undefined : parseConnectionString(connectionString),
    log: env.CHATR_LOG,
  }
}

function parseConnectionString(connectionString: string): WebPubSubAccess | undefined {
  const pairs = connectionString.split(';').map((pair) => {
    const [key = '', ...value] = pair.split('=')
    return [key.trim().toLowerCase(), value.join('=').trim()] as const
  })
  const { endpoint: host, accesskey: accessKey, port } = Object.fromEntries(pairs)
  const url = host ? URL.parse(host.startsWith('http') ? host : `https://${host}`) : null
  if (url === null || !/^https?:$/.test(url.protocol) || !accessKey) return undefined
  if (port) url.port = port
  return { connectionString, endpoint: url.href, accessKey }
}

function namesOf(error: z.core.$ZodError): VariableName[] {
  const names = error.issues.map((issue) => issue.path[0] as VariableName) // the schema has no other keys
  return [...new Set(names)]
}

function describeWrong(name: VariableName, value: string | undefined): string {
  const { wants, isSecret } = docs[name]
  const had = isSecret ? 'has a value (a secret, not shown) that cannot be read' : `is ${JSON.stringify(value)}`
  return `${name} ${had}; it wants ${wants}`
}

function describeUnknown(name: string): string {
  const known = Object.keys(docs).filter((other) => other.startsWith('CHATR_'))
  return `${name} is not a variable of Chatr; did you mean ${nearestName(name, known)}?`
}
