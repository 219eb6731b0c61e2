import type { HubSettings, LogEntry } from '../model.ts'
import { hubKey, isHubName } from '../names.ts'
import type { EventHandler } from '../ports.ts'
import type { WebhookCall } from '../webhook/deliver.ts'
import type { WebhookSettings } from '../webhook/settings.ts'
import { createWebhookHandler, type WebhookHandler } from '../webhook/webhook-handler.ts'

/** What can be said about one hub. It has a handler or webhooks, not both. */
export interface HubStartOptions {
  /** Functions of this process that hear what clients do. */
  handler?: EventHandler | undefined
  /** Webhooks in order: the first one that matches an event gets it. */
  eventHandlers?: readonly WebhookSettings[] | undefined
  /** Whether clients may connect without a token. Default `deny`. */
  anonymousConnect?: 'allow' | 'deny' | undefined
}

export interface HubsOptions {
  /** What handlers know this service by: a host without a port. */
  origin: string
  keys: () => readonly string[]
  log: (entry: LogEntry) => void
  onCall: (call: WebhookCall) => void
  /** Wraps handlers that are functions. */
  watch: (handler: EventHandler, hub: string) => EventHandler
}

export interface Hubs {
  /**
   * Puts what was said into the service's terms. Calls of webhooks that the hub had before go on as they began, until
   * they are through. Throws a TypeError.
   */
  settingsOf(name: string, options: HubStartOptions): HubSettings
  hasWebhooks(name: string): boolean
  /** From now on no call is tried again. */
  stopRetrying(): void
  /** Resolves when no webhook is called any more. */
  close(): Promise<void>
}

export function createHubs({ origin, keys, log, onCall, watch }: HubsOptions): Hubs {
  const webhooks = new Map<string, WebhookHandler>()
  const leaving = new Map<WebhookHandler, Promise<void>>()
  const retire = (name: string) => {
    const webhook = webhooks.get(name)
    if (!webhook) return
    webhooks.delete(name)
    const closed = webhook.close().finally(() => leaving.delete(webhook))
    leaving.set(webhook, closed)
  }
  const stopRetrying = () => {
    for (const webhook of [...webhooks.values(), ...leaving.keys()]) webhook.stopRetrying()
  }
  return {
    settingsOf(name, { handler, eventHandlers = [], anonymousConnect = 'deny' }) {
      const hub = hubKey(name)
      if (!isHubName(name)) throw new TypeError(`hubs: ${name} is not a hub name`)
      if (handler && eventHandlers.length > 0) throw new TypeError(`hubs: ${name} has a handler and eventHandlers`)
      const options = { handlers: eventHandlers, origin, signingKeys: keys, log, onCall }
      const webhook = eventHandlers.length > 0 ? createWebhookHandler(options) : undefined
      retire(hub)
      if (webhook) webhooks.set(hub, webhook)
      return { handler: webhook ?? (handler && watch(handler, hub)), allowsAnonymous: anonymousConnect === 'allow' }
    },
    hasWebhooks: (name) => webhooks.has(name),
    stopRetrying,
    async close() {
      stopRetrying()
      for (const name of webhooks.keys()) retire(name)
      await Promise.all(leaving.values())
    },
  }
}
