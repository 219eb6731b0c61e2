import type { Subprocess } from 'bun'

/** What the service process tells when it is asked, after its garbage was collected. */
export interface Measure {
  rssBytes: number
  heapBytes: number
  objects: number
  connections: number
  sockets: number
  handshakes: number
  groups: string[]
  users: string[]
  detached: number
  streaming: number
  farewells: number
  framesIn: number
  opened: number
  recoveries: number
}

export type ToService = { type: 'measure' } | { type: 'stop' }
export type ToParent =
  | { type: 'ready'; url: string }
  | { type: 'measure'; measure: Measure }
  /** A log entry of level `error`, as JSON. */
  | { type: 'fault'; entry: string }

export interface ServiceProcess extends AsyncDisposable {
  /** For example `http://127.0.0.1:40123`. */
  url: string
  port: number
  /** Log entries of level `error` since the start. */
  faults: string[]
  /** Set when the process ended without being asked to. */
  crash(): string | undefined
  measure(): Promise<Measure>
}

/** Starts the service in a process of its own; resolves when it listens. */
export async function startServiceProcess(): Promise<ServiceProcess> {
  const faults: string[] = []
  const measures: ((measure: Measure) => void)[] = []
  const ready = Promise.withResolvers<string>()
  let crash: string | undefined
  const receive: { [Type in ToParent['type']]: (message: Extract<ToParent, { type: Type }>) => void } = {
    ready: ({ url }) => ready.resolve(url),
    measure: ({ measure }) => measures.shift()?.(measure),
    fault: ({ entry }) => faults.push(entry),
  }
  const child: Subprocess = Bun.spawn([process.execPath, new URL('service-process.ts', import.meta.url).pathname], {
    stdio: ['ignore', 'ignore', 'inherit'],
    ipc: (message: ToParent) => (receive[message.type] as (message: ToParent) => void)(message), // the table pairs them
    onExit: (_child, code, signal) => {
      crash = `the service ended with code ${code} and signal ${signal}`
      ready.reject(new Error(crash))
    },
  })
  const url = await ready.promise
  return {
    url,
    port: Number(new URL(url).port),
    faults,
    crash: () => crash,
    measure: () =>
      new Promise((resolve, reject) => {
        if (crash !== undefined) return reject(new Error(crash))
        measures.push(resolve)
        child.send({ type: 'measure' } satisfies ToService)
      }),
    async [Symbol.asyncDispose]() {
      child.kill()
      await child.exited
    },
  }
}
