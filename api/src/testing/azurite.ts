import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface Azurite {
  connectionString: string
  stop(): Promise<void>
}

/** The account and key that every Azurite has; they are no secret. */
const account = 'devstoreaccount1'
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const main = fileURLToPath(import.meta.resolve('azurite/dist/src/table/main.js'))

/** Starts Microsoft's Table Storage emulator, empty, in memory, on a free port of its own. */
export async function startAzurite(): Promise<Azurite> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort()
    const child = spawn('node', [main, ...options(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
    // Somebody else may have taken the port in the meantime: then it ends, and another one is tried.
    if (await isListening(child)) return { connectionString: connectionString(port), stop: () => stop(child) }
  }
  throw new Error('Azurite does not start')
}

const options = (port: number) => [
  '--inMemoryPersistence',
  '--tableHost=127.0.0.1',
  `--tablePort=${port}`,
  '--disableTelemetry',
  '--skipApiVersionCheck',
]

const connectionString = (port: number) =>
  `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};` +
  `TableEndpoint=http://127.0.0.1:${port}/${account};`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function isListening(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve(false))
    // Read to its end: a process that nobody listens to stops at a full pipe.
    child.stdout?.on('data', (text) => {
      if (String(text).includes('successfully')) resolve(true)
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
