import { hubKey } from '../names.ts'
import { feedLimits, type UpstreamCall, type UpstreamCallRow } from './feed.ts'
import { maskText, maskUrl } from './mask.ts'

/** The last calls of each hub's event handler. Failures have a place of their own, so that no success pushes them out. */
export interface CallLog {
  add(call: UpstreamCall): void
  /** Those of a hub after number `after`, oldest first, with secrets masked. */
  after(hub: string, after: number): UpstreamCallRow[]
}

export function createCallLog(): CallLog {
  const hubs = new Map<string, Record<'succeeded' | 'failed', UpstreamCallRow[]>>()
  let count = 0
  return {
    add(call) {
      const key = hubKey(call.hub)
      const kinds = hubs.get(key) ?? { succeeded: [], failed: [] }
      hubs.set(key, kinds)
      const kind = kinds[call.isFailed ? 'failed' : 'succeeded']
      kind.push({ ...call, number: ++count })
      if (kind.length > feedLimits.calls / 2) kind.shift()
    },
    after(hub, after) {
      const { succeeded, failed } = hubs.get(hub) ?? { succeeded: [], failed: [] }
      return [...succeeded, ...failed]
        .filter(({ number }) => number > after)
        .sort((one, other) => one.number - other.number)
        .map((call) => toRow(call))
    },
  }
}

const toRow = (call: UpstreamCallRow): UpstreamCallRow => ({
  ...call,
  ...(call.url !== undefined && { url: maskUrl(call.url) }),
  ...(call.error !== undefined && { error: maskText(call.error).slice(0, 500) }),
})
