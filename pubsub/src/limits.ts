/** Every bound of the service. The spec's own numbers come first; the rest guard this process. */
export interface Limits {
  /** A frame from a client, or the body of a REST send, in bytes (1 MiB, Azure's limit). */
  messageMaxBytes: number
  /** Above this Bun's server ends the socket by itself, so it must be above `messageMaxBytes`. */
  frameMaxBytes: number
  /** How many acknowledged ids a connection remembers, oldest forgotten first. */
  ackCacheSize: number
  /** A WebSocket ping goes out this often; who answered none until the next one is gone. */
  keepAliveMs: number
  /** Frames, and bytes of frames, that wait while an event handler of the same connection is busy. */
  inboundMaxFrames: number
  inboundMaxBytes: number
  /** Bytes that a connection may leave unread until it is closed with 1008; looked at once in `watchMs`. */
  outboundMaxBytes: number
  /** Bytes at which a connection that fell behind too fast for the other check to see is closed at once. */
  outboundHardMaxBytes: number
  /** Bytes that all connections together may leave unread until the slowest of them are closed with 1008. */
  outboundTotalMaxBytes: number
  /** How often the outbound queues are looked at; also whenever much was published. */
  watchMs: number
  /** Connections of all hubs together; the next one is refused with 429. */
  connectionsMax: number
  /** Handshakes that wait for their backend; the next one is refused with 503. */
  handshakesMax: number
  /** Groups that one connection may be in. */
  groupsPerConnectionMax: number
  /** Messages of a reliable connection that are not confirmed, and their bytes: beyond, it is closed (Azure's own). */
  unconfirmedMaxMessages: number
  unconfirmedMaxBytes: number
  /** How long a reliable connection whose socket is gone may stay away. */
  recoveryMs: number
  /** How long a stop waits for handlers that were not done with their connections. */
  farewellMs: number
  /** Streams that one connection may have open, and invocations that may wait for their answers. */
  streamsPerConnectionMax: number
  invocationsPerConnectionMax: number
  /** Bytes of the states of one connection, in all groups together. */
  groupStateMaxBytes: number
}

const mebibyte = 1_048_576

export const defaultLimits: Limits = {
  messageMaxBytes: mebibyte,
  frameMaxBytes: 4 * mebibyte,
  ackCacheSize: 1_000,
  keepAliveMs: 20_000,
  inboundMaxFrames: 1_000,
  inboundMaxBytes: 4 * mebibyte,
  outboundMaxBytes: 4 * mebibyte,
  outboundHardMaxBytes: 24 * mebibyte,
  outboundTotalMaxBytes: 256 * mebibyte,
  watchMs: 1_000,
  connectionsMax: 100_000,
  handshakesMax: 10_000,
  groupsPerConnectionMax: 10_000,
  unconfirmedMaxMessages: 1_000,
  unconfirmedMaxBytes: 16 * mebibyte,
  recoveryMs: 30_000,
  farewellMs: 10_000,
  streamsPerConnectionMax: 100,
  invocationsPerConnectionMax: 1_000,
  groupStateMaxBytes: 65_536,
}

/**
 * The limits with what was asked for instead. Throws a TypeError for what cannot work: a limit that is no whole number
 * above 0, and limits that contradict each other.
 */
export function readLimits(wanted: Partial<Limits> = {}): Limits {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  const bad = given.find(([, value]) => !Number.isSafeInteger(value) || value < 1)
  if (bad) throw new TypeError(`limits: ${bad[0]} is a whole number above 0, not ${String(bad[1])}`)
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(given) }
  const contradiction = findContradiction(limits)
  if (contradiction) throw new TypeError(`limits: ${contradiction.upper} must be above ${contradiction.lower}`)
  return limits
}

/** Two limits that are there, one of which must be above the other and is not. */
export const findContradiction = (limits: Limits) =>
  contradictions.find(({ lower, upper }) => limits[lower] >= limits[upper])

const contradictions = [
  { lower: 'messageMaxBytes', upper: 'frameMaxBytes' },
  // who comes back is sent all that he did not confirm in one piece
  { lower: 'unconfirmedMaxBytes', upper: 'outboundHardMaxBytes' },
] as const satisfies { lower: keyof Limits; upper: keyof Limits }[]

/** Bounds of the wire that nobody may change (spec 1.2, 2.5, 5.1). */
export const wireLimits = {
  metadataKeyMaxLength: 256,
  metadataValueMaxLength: 1_024,
  metadataMaxBytes: 8_192,
  ttlMaxSeconds: 300,
  literalsMax: 1_000,
  patternsMax: 10,
  patternMaxLength: 1_024,
  patternMaxStars: 5,
  clockSkewSeconds: 300,
  /** Deeper JSON takes `JSON.stringify` seconds (Bun 1.4.5 at 40,000 levels), while nobody else is served. */
  jsonDepthMax: 256,
  streamIdMaxLength: 1_024,
  invocationIdMaxLength: 1_024,
  /** Of a stream's error: its message, and its code. */
  streamErrorMaxLength: 1_024,
  /** Characters of a REST filter, and how deep its brackets, calls and `not` may nest (spec 9.5). */
  filterMaxLength: 16_384,
  filterNestingMax: 100,
  /** Members on a page of a REST listing (spec 9.2). */
  pageMaxSize: 200,
  /** When a stream does not say how long it may be silent (spec 5.6), and the longest it may ask for: a day. */
  streamIdleTimeoutMs: 300_000,
  streamIdleTimeoutMaxMs: 86_400_000,
} as const
