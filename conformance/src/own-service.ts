import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Target } from './kit/target.ts'
import { readConnectionString } from './kit/target.ts'
import type { HubSettings } from './model.ts'

/** The service of the `chatr-pubsub` package, started by its command as a process of its own. */
export interface OwnService {
  target: Target
  /** What it is: name and version of the package. */
  name: string
  /** Asks it to stop, and resolves when it is gone. */
  stop: () => Promise<void>
}

interface OwnServiceOptions {
  hubs?: Record<string, HubSettings>
  /** Where handlers are called: `http://127.0.0.1:<port>`. */
  callbackOrigin?: string
}

/** Starts it on a free port of this machine, with keys of the day. Rejects with what it printed when it cannot start. */
export async function startOwnService({ hubs = {}, callbackOrigin = '' }: OwnServiceOptions = {}): Promise<OwnService> {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('chatr-pubsub')), '..')
  const { version } = require(join(folder, 'package.json')) as { version: string } // npm wants one in each
  const keys = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')] as const
  const child = spawn(process.execPath, [join(folder, 'bin/chatr-pubsub.js'), '--config', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const settings = { port: 0, keys, log: 'off', drainSeconds: 1, hubs: toSettings(hubs, callbackOrigin) }
  child.stdin.end(JSON.stringify(settings))
  process.once('exit', () => child.kill())
  const url = await addressOf(child)
  const connectionString = `Endpoint=${url.origin};AccessKey=${keys[0]};Version=1.0;`
  const read = readConnectionString(connectionString)
  if (!read) throw new Error('the service named an address that is none')
  const target = { ...read, secondaryKey: keys[1], isOwn: true }
  return { target, name: `chatr-pubsub ${version}`, stop: () => stop(child) }
}

function toSettings(hubs: Record<string, HubSettings>, origin: string): object {
  const settings = Object.entries(hubs).map(([name, { isAnonymousAllowed, handlers = [] }]) => [
    name,
    {
      anonymousConnect: isAnonymousAllowed ? 'allow' : 'deny',
      eventHandlers: handlers.map(({ name, ...rest }) => ({ urlTemplate: `${origin}/${name}/{hub}/{event}`, ...rest })),
    },
  ])
  return Object.fromEntries(settings) as object
}

function addressOf(child: ChildProcess): Promise<URL> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const [, address] = /is running at (\S+)/.exec(output) ?? []
      if (address) resolve(new URL(address))
    })
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the service ended with ${code}: ${output.trim()}`)))
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.on('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
