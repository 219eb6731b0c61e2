/** A server that is measured: how it is started, and what its clients say. */
export interface Target {
  id: string
  /** As the report names it. */
  label: string
  /** How to get it, where it is not installed. */
  missing: () => string | undefined
  version: () => string
  launch: (place: Place) => Launch
  /** What a client says until it is connected and, with a group, hears that group. */
  connect: (port: number, group: string | undefined) => ClientStep[]
  /** One message to the sender's group. */
  publish: (group: string, text: string) => Buffer
  /** Bytes of one delivered message, for servers that put many into one frame. */
  messageBytes?: (group: string, text: string) => number
  /** A client confirms what it got after so many messages, and once a second (reliable subprotocols). */
  ackEvery?: number
  /** The same by HTTP; `serial` makes each request its own where requests carry credentials. */
  publishByHttp?: (port: number, group: string, text: string, serial: number) => Buffer
}

/** What a client sends, and what the frame contains that it then waits for; without `until` it goes on at once. */
export interface ClientStep {
  send: Buffer
  until?: string | Buffer
}

export interface Place {
  /** A folder of its own, gone afterwards. */
  folder: string
  port: number
  group: string
  text: string
  /** Programs that were compiled for this run. */
  programs: Programs
  /** Where the backend of user events listens. */
  backendPort?: number
}

export interface Programs {
  bare: string
  echo: string
  listen: string
  load: string
}

export interface Launch {
  command: string[]
  env?: Record<string, string>
}

/** Names of groups have one length, so that every message has. */
export const groupName = (index: number): string => `g${String(index).padStart(5, '0')}`
