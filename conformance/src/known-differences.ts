/** A way in which our service differs from what a case expects, written by hand and checked against every run. */
export interface KnownDifference {
  /** Ids of the cases that show it. */
  cases: readonly string[]
  text: string
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    cases: ['rest-errors/generate-token'],
    text: 'Azure gives tokens to Entra callers only. Our service knows no Entra: an access key is all there is, so it is enough.',
  },
]

/** What the reference describes and our service does not have; no case asks for it. */
export const notOffered: readonly string[] = [
  'MQTT and Socket.IO clients (sections 1.1 and 8).',
  'Event listeners to Event Hubs (11.1), group presence events `joined` and `left` (10.2), the upstream tunnel (10.12).',
  'Microsoft Entra tokens: key-signed ones are the only credential; see `rest-errors/generate-token` above (2.4).',
  'Handler authentication by managed identity, and Key Vault references in URL templates (10.5).',
  'The chat data plane of the 2026 previews (5.9, 9.6).',
  'Quotas of tiers and units (12): the bounds are our own, see [limits](limits.md).',
]
