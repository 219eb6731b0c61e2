import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A whole Chatr as `make run` starts it: a process of its own, on a free port, with a data folder of its own. */
export interface RunningChatr {
  readonly url: string
  readonly dataFolder: string
  readonly pid: number
  /** Everything it has printed so far. */
  output(): string
  /** Ends the process and waits until it is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again on the same port with the same data. */
  startAgain(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

export interface StartOptions {
  env?: Record<string, string>
  dataFolder?: string
}

/** Resolves once Chatr has printed its address; rejects with what it printed when it ends before that. */
export async function startChatr({ env = {}, dataFolder }: StartOptions = {}): Promise<RunningChatr> {
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), 'chatr-'))
  let running = await launch({ PORT: '0', ...env, CHATR_DATA: folder })
  const port = new URL(running.url).port

  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    running.child.kill(signal)
    await running.ended
  }
  return {
    url: running.url,
    dataFolder: folder,
    get pid() {
      return running.child.pid ?? 0
    },
    output: () => running.output(),
    stop,
    startAgain: async () => {
      running = await launch({ ...env, PORT: port, CHATR_DATA: folder })
    },
    remove: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Launched {
  child: ChildProcess
  url: string
  output: () => string
  ended: Promise<number | null>
}

function launch(env: Record<string, string>): Promise<Launched> {
  const child = spawn(join(root, 'node_modules/.bin/bun'), ['server/src/main.ts'], {
    cwd: root,
    env: { ...withoutChatr(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const url = /https?:\/\/[^\s/]+:\d+/.exec(printed)?.[0]
      if (url) resolve({ child, url, output: () => printed, ended })
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`Chatr ended with ${code} before it was ready:\n${printed}`)))
  })
}

/** The settings of whoever runs the tests do not reach the Chatr under test. */
function withoutChatr(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('CHATR_') && name !== 'HOST' && name !== 'PORT'),
  )
}
