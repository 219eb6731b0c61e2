import * as z from 'zod/mini'
import { isEventName } from '../names.ts'
import type { SystemEvent } from '../ports.ts'

/**
 * One event handler of a hub, as a configuration file says it (spec 10.5). `urlTemplate`: an http or https address in
 * which `{hub}` and `{event}` may stand behind the host. `userEventPattern`: `*`, a name, or names with commas between;
 * absent or empty is none.
 */
export const WebhookSettings = z.strictObject({
  urlTemplate: z.string().check((context) => {
    const fault = faultOfTemplate(context.value)
    if (fault !== undefined) context.issues.push({ code: 'custom', message: fault, input: context.value })
  }),
  userEventPattern: z.optional(
    z.string().check(
      z.refine((pattern) => namesIn(pattern).every((name) => name === '*' || isEventName(name)), {
        error: 'is neither * nor an event name, nor event names with commas between them',
      }),
    ),
  ),
  systemEvents: z.optional(z.array(z.enum(['connect', 'connected', 'disconnected']))),
})
export type WebhookSettings = z.infer<typeof WebhookSettings>

/** Where a request goes. */
export interface Target {
  isTls: boolean
  /** An IPv6 address without its brackets. */
  hostname: string
  port: number
  /** The `Host` header. */
  host: string
  /** With the query. */
  path: string
  /** To be shown: without the query, which may hold a code. */
  shown: string
}

/** A handler's settings, ready for use. */
export interface Route {
  takesUserEvent(name: string): boolean
  takesSystemEvent(name: SystemEvent): boolean
  targetOf(hub: string, event: string): Target
}

/** Throws a TypeError for settings that the schema would refuse. */
export function openRoute(settings: WebhookSettings): Route {
  const fault = z.safeParse(WebhookSettings, settings).error?.issues[0]
  if (fault) throw new TypeError(`webhook: ${fault.path.join('.')} ${fault.message}`)
  const { urlTemplate, userEventPattern = '', systemEvents = [] } = settings
  const names = new Set(namesIn(userEventPattern).map((name) => name.toLowerCase()))
  const cache = new Map<string, Target>()
  return {
    takesUserEvent: (name) => names.has('*') || names.has(name.toLowerCase()),
    takesSystemEvent: (name) => systemEvents.includes(name),
    targetOf(hub, event) {
      const url = fill(urlTemplate, hub, event)
      const target = cache.get(url) ?? toTarget(new URL(url))
      // clients choose the names of their events
      if (cache.size >= 1_000) cache.clear()
      cache.set(url, target)
      return target
    },
  }
}

const namesIn = (pattern: string) =>
  pattern
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

function faultOfTemplate(template: string): string | undefined {
  const url = URL.parse(fill(template, 'hub', 'event'))
  if (!url || !/^https?:$/.test(url.protocol)) return 'is not an http or https address'
  if (!/^https?:\/\/[^/\\?#{}@]+(?:[/?#]|$)/i.test(template)) return 'has a parameter or a password in its host part'
  if (/[{}]/.test(fill(template, '', ''))) return 'has a parameter that is neither {hub} nor {event}'
  return undefined
}

const fill = (template: string, hub: string, event: string) =>
  template.replace(/\{(hub|event)\}/gi, (_, name: string) =>
    encodeURIComponent(name.toLowerCase() === 'hub' ? hub : event),
  )

function toTarget({ protocol, hostname, host, port, origin, pathname, search }: URL): Target {
  const isTls = protocol === 'https:'
  return {
    isTls,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    host,
    path: pathname + search,
    shown: origin + pathname,
  }
}
