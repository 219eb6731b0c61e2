/** Every bound of the service. The spec's own numbers come first; the rest guard this process. */
export interface Limits {
  /** One message, either direction, in bytes of its frame (1 MiB, Azure's limit). */
  messageMaxBytes: number
  /** Above this Bun ends the socket by itself, so it must be above `messageMaxBytes`. */
  frameMaxBytes: number
  /** How many acknowledged ids a connection remembers, oldest forgotten first. */
  ackCacheSize: number
  /** A WebSocket ping goes out this often; who answered none until the next one is gone. */
  keepAliveMs: number
  /** Frames, and bytes of frames, that wait while an event handler of the same connection is busy. */
  inboundMaxFrames: number
  inboundMaxBytes: number
  /** Bytes that a slow connection may leave unread until it is closed with 1008. */
  outboundMaxBytes: number
  /** Bytes at which Bun cuts a connection that fell behind too fast for the other check to see. */
  outboundHardMaxBytes: number
  /** Bytes that all connections together may leave unread until the slowest of them are closed with 1008. */
  outboundTotalMaxBytes: number
  /** How often the outbound queues are looked at; also whenever much was published. */
  watchMs: number
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
  outboundHardMaxBytes: 16 * mebibyte,
  outboundTotalMaxBytes: 256 * mebibyte,
  watchMs: 1_000,
}

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
} as const
