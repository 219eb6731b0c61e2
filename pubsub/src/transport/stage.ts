/** What a TCP connection is at the moment: a request that comes in, a WebSocket, or HTTP that is passed on. */
export interface Stage {
  /** `segment` is the stage's own from now on. */
  takeData(segment: Buffer): void
  /** The socket takes bytes again. */
  takeDrain(): void
  /** The peer sends nothing more, but may still read. */
  takeEnd(): void
  /** The socket is gone. Told once. */
  takeClosed(): void
  /** It has had its time. */
  takeTimeout(): void
}
