import { createInspector, type Inspector } from '../inspector/inspector.ts'
import type { UpstreamCall } from '../inspector/feed.ts'
import type { LogEntry } from '../model.ts'
import type { EventHandler } from '../ports.ts'
import type { Visibility } from './access.ts'
import type { EmbeddedWebPubSub } from '../web-pubsub.ts'
import type { WebhookCall } from '../webhook/deliver.ts'

interface InspectorParts {
  visibility: Visibility
  hasWebhooks: (hub: string) => boolean
  log: (entry: LogEntry) => void
}

/** The page at `/`, if anybody may see it. */
export function openInspector(pubsub: EmbeddedWebPubSub, parts: InspectorParts): Inspector | undefined {
  const { visibility, hasWebhooks, log } = parts
  if (visibility === 'off') return undefined
  const { hubs } = pubsub.inside.engine
  return createInspector(pubsub, {
    access: visibility,
    log,
    handlerKind: (hub) => (hasWebhooks(hub) ? 'webhook' : hubs.get(hub)?.settings.handler ? 'in-process' : 'none'),
  })
}

/** A call of a webhook as the inspector shows it. */
export const toUpstreamCall = ({ ms, attempt, status, error, ...call }: WebhookCall): UpstreamCall => ({
  ...call,
  status,
  milliseconds: ms,
  attempts: attempt,
  isFailed: error !== undefined || status === undefined || status >= 400,
  error,
})

type RecordCall = (call: UpstreamCall) => void

/** The same handler, whose calls are recorded when they are over. */
export function recordCalls(handler: EventHandler, hub: string, record: RecordCall): EventHandler {
  const { systemEvents } = handler
  return {
    ...(systemEvents && { systemEvents }),
    connect: (request) =>
      timed({ event: 'connect', hub, connectionId: request.connectionId }, () => handler.connect(request)),
    connected: (context) =>
      timed({ event: 'connected', hub, connectionId: context.connectionId }, () => handler.connected(context)),
    event: (context, event) =>
      timed({ event: event.name, hub, connectionId: context.connectionId }, () => handler.event(context, event)),
    disconnected: (context, reason) =>
      timed({ event: 'disconnected', hub, connectionId: context.connectionId }, () =>
        handler.disconnected(context, reason),
      ),
  }

  async function timed<Answer>(
    about: Pick<UpstreamCall, 'event' | 'hub' | 'connectionId'>,
    call: () => Promise<Answer>,
  ) {
    const since = performance.now()
    const over = (outcome: Pick<UpstreamCall, 'isFailed' | 'error'>) =>
      record({ ...about, at: Date.now(), milliseconds: performance.now() - since, attempts: 1, ...outcome })
    try {
      const answer = await call()
      over({ isFailed: false })
      return answer
    } catch (error) {
      over({ isFailed: true, error: error instanceof Error ? error.message : String(error) })
      throw error
    }
  }
}
