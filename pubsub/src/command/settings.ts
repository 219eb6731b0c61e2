import * as z from 'zod/mini'
import { defaultLimits, findContradiction, type Limits } from '../limits.ts'
import { isHubName } from '../names.ts'
import { WebhookSettings } from '../webhook/settings.ts'
import { nearestName } from './nearest-name.ts'

z.config(z.locales.en())

const whole = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max))
const isOrigin = (text: string) => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
}

const HubSettings = z.strictObject({
  anonymousConnect: z.optional(z.enum(['allow', 'deny'])),
  eventHandlers: z.optional(z.array(WebhookSettings)),
})

const Tls = z.strictObject({ cert: z.string().check(z.minLength(1)), key: z.string().check(z.minLength(1)) })
const Audience = z.enum(['off', 'loopback', 'on'])
/** Timers take no more than 31 bits: beyond, they would fire at once. */
const largestLimit = (name: string) => (name.endsWith('Ms') ? 2_147_483_647 : Number.MAX_SAFE_INTEGER)
const limitNames = Object.keys(defaultLimits)
const Limits = z.strictObject(
  Object.fromEntries(limitNames.map((name) => [name, z.optional(whole(1, largestLimit(name)))])),
)

const Settings = z.strictObject({
  port: z.optional(whole(0, 65_535)),
  host: z.optional(z.string().check(z.regex(/^[\w.:-]+$/))),
  endpoint: z.optional(z.string().check(z.refine(isOrigin))),
  keys: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(2))),
  tls: z.optional(Tls),
  hubs: z.optional(z.record(z.string().check(z.refine(isHubName)), HubSettings)),
  limits: z.optional(Limits),
  protobufJsonAs: z.optional(z.enum(['json_data', 'text_data'])),
  inspector: z.optional(Audience),
  metrics: z.optional(Audience),
  log: z.optional(z.enum(['text', 'json', 'off'])),
  drainSeconds: z.optional(whole(0, 3_600)),
})

/** What a configuration file may say; flags and environment are read into the same shape. */
export type Settings = z.infer<typeof Settings>

interface SettingDoc {
  /** What holds without it, as a person would read it. */
  default: string
  meaning: string
  /** Completes "it wants …". */
  wants: string
}

const audience = 'off, loopback or on'

/** Every setting by its path; `*` stands for the name of a hub, or a place in a list. The README shows this table. */
export const settingDocs: Record<string, SettingDoc> = {
  port: { default: '8080', meaning: 'TCP port; 0 takes any free one', wants: 'a whole number from 0 to 65535' },
  host: {
    default: '127.0.0.1',
    meaning: 'Address to listen on; `0.0.0.0` is every IPv4 address of the machine',
    wants: 'an IP address or a host name, such as 127.0.0.1 or 0.0.0.0',
  },
  endpoint: {
    default: 'made of host and port',
    meaning: 'How clients reach the service, for example through a proxy',
    wants: 'an http or https address without a path, such as https://pubsub.example.com',
  },
  keys: {
    default: 'the development key, on loopback addresses only',
    meaning: 'One or two access keys; the first one signs, both are accepted. Applied while running',
    wants: 'a list of one or two texts that are not empty',
  },
  'tls.cert': {
    default: 'no TLS',
    meaning: 'Certificate chain: a file, beside this one, or the PEM text itself',
    wants: 'a file name or PEM text',
  },
  'tls.key': {
    default: 'no TLS',
    meaning: 'Its private key: a file or PEM text',
    wants: 'a file name or PEM text',
  },
  'hubs.*': {
    default: 'any hub works without settings',
    meaning: 'Settings of one hub, under its name. Applied while running',
    wants: 'settings under a hub name: a letter, then letters, digits and _ , . [ ] or `',
  },
  'hubs.*.anonymousConnect': {
    default: 'deny',
    meaning: 'Whether clients may connect without a token',
    wants: 'allow or deny',
  },
  'hubs.*.eventHandlers': {
    default: '[]',
    meaning: 'Webhooks in order: the first one that matches an event gets it',
    wants: 'a list of event handlers',
  },
  'hubs.*.eventHandlers.*.urlTemplate': {
    default: 'required',
    meaning: 'Where events are posted; `{hub}` and `{event}` stand for their names',
    wants: 'an http or https address, with no more than {hub} and {event} to fill in behind its host',
  },
  'hubs.*.eventHandlers.*.userEventPattern': {
    default: 'no user events',
    meaning: '`*` for all user events, or names with commas between',
    wants: '* or names of events with commas between',
  },
  'hubs.*.eventHandlers.*.systemEvents': {
    default: '[]',
    meaning: 'System events: `connect`, `connected`, `disconnected`',
    wants: 'a list of connect, connected and disconnected',
  },
  'limits.*': {
    default: 'see the table of limits',
    meaning: 'A bound of the service, by its name in the table of limits',
    wants: 'a whole number from 1 (milliseconds: to 2147483647)',
  },
  protobufJsonAs: {
    default: 'json_data',
    meaning: 'The field in which clients of protobuf get JSON; `text_data` for those built by older schemas',
    wants: 'json_data or text_data',
  },
  inspector: { default: 'loopback', meaning: 'Who sees the page at `/`: nobody, this machine, all', wants: audience },
  metrics: { default: 'loopback', meaning: 'Who sees `/metrics`: nobody, this machine, all', wants: audience },
  log: { default: 'text', meaning: 'Log lines as text or as JSON, or none', wants: 'text, json or off' },
  drainSeconds: {
    default: '10',
    meaning: 'Seconds over which connections are closed when the service stops',
    wants: 'a whole number from 0 to 3600',
  },
}

const names = (schema: { shape: object }) => Object.keys(schema.shape)
/** What the schema knows, by the path of the object it is in. */
export const knownNames: Record<string, string[]> = {
  '': names(Settings),
  tls: names(Tls),
  'hubs.*': names(HubSettings),
  'hubs.*.eventHandlers.*': names(WebhookSettings),
  limits: limitNames,
}

export type Path = readonly PropertyKey[]
export type Checked = { ok: true; settings: Settings } | { ok: false; problems: string[] }

/**
 * Checks what a file, flags or the environment say. Each problem is one line that begins with the name that `nameOf`
 * gives its setting; no line shows a value, as it may be a secret.
 */
export function checkSettings(values: unknown, nameOf: (path: Path) => string = formatPath): Checked {
  const parsed = Settings.safeParse(values)
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describe(issue, nameOf))
    return { ok: false, problems: [...new Set(problems)] }
  }
  const problems = contradictions(parsed.data, nameOf)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: parsed.data }
}

/** What each setting for itself may be, but not all of them together. */
function contradictions({ hubs = {}, limits }: Settings, nameOf: (path: Path) => string): string[] {
  const twice = hubNamedTwice(Object.keys(hubs))
  const given = Object.entries(limits ?? {}).filter(([, value]) => value !== undefined)
  const all: Limits = { ...defaultLimits, ...Object.fromEntries(given) }
  const contradiction = findContradiction(all)
  return [
    ...(twice === undefined ? [] : [`${nameOf(['hubs', twice])} is there twice: names of hubs count without case`]),
    ...(contradiction ? [describeContradiction(contradiction, all, nameOf)] : []),
  ]
}

function describeContradiction(
  { lower, upper }: { lower: keyof Limits; upper: keyof Limits },
  limits: Limits,
  nameOf: (path: Path) => string,
): string {
  return `${nameOf(['limits', upper])} wants more than ${lower}, which is ${limits[lower]}`
}

const hubNamedTwice = (hubs: string[]) => {
  const keys = hubs.map((name) => name.toLowerCase())
  return hubs.find((_, index) => keys.indexOf(keys[index] ?? '') !== index)
}

function describe(issue: z.core.$ZodIssue, nameOf: (path: Path) => string): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${nameOf(issue.path) || 'It'} wants ${wantsAt(issue.path)}`]
  const known = knownNames[patternOf(issue.path)] ?? []
  return issue.keys.map((key) => `${nameOf([...issue.path, key])} is unknown; did you mean ${nearestName(key, known)}?`)
}

/** The words for a setting, or for what it is a part of. */
function wantsAt(path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const doc = settingDocs[patternOf(path.slice(0, length))]
    if (doc) return doc.wants
  }
  return 'an object { … }'
}

const patternOf = (path: Path) =>
  path.map((part, index) => (typeof part === 'number' || isNameOf(path[index - 1]) ? '*' : String(part))).join('.')
const isNameOf = (parent: PropertyKey | undefined) => parent === 'hubs' || parent === 'limits'

/** `hubs.chat.eventHandlers[0].urlTemplate` */
export const formatPath = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
