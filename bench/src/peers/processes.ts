import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { cpus } from 'node:os'
import type { Launch } from './target.ts'

/** The server has the first core for itself, everything else shares the second; a machine with one core has no choice. */
export const cores = { server: 0, load: Math.min(1, cpus().length - 1) }

/** Starts a command on one core, with as many files as the system allows; its complaints go to the log file. */
export function spawnPinned(core: number, { command, env = {} }: Launch, logFile: string): ChildProcess {
  const script = 'ulimit -n $(ulimit -Hn) && exec "$@" 2>"$0"'
  const args = ['-c', script, logFile, 'taskset', '-c', String(core), ...command]
  return spawn('sh', args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
}

/** Keeps this process off the server's core. */
export function pinSelf(core: number): void {
  spawnSync('taskset', ['-a', '-p', '-c', String(core), String(process.pid)])
}

export interface RunningServer {
  port: number
  /** The process and its descendants. */
  pids: () => number[]
  stop: () => Promise<void>
}

/** Starts a server and waits until its port answers. */
export async function startServer(core: number, { port, logFile }: Address, launch: Launch): Promise<RunningServer> {
  const child = spawnPinned(core, launch, logFile)
  child.stdout?.resume()
  const { pid } = child
  if (pid === undefined) throw new Error(`cannot start ${launch.command[0]}`)
  await until(
    () => answers(port),
    () => `${launch.command.join(' ')} to listen: ${readFileSync(logFile, 'utf8')}`,
  )
  return { port, pids: () => treeOf(pid), stop: () => stop(child) }
}

interface Address {
  port: number
  logFile: string
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const isGone = once(child, 'exit')
  const tree = treeOf(child.pid ?? 0)
  child.kill('SIGTERM')
  const patience = setTimeout(() => tree.forEach(killHard), 3_000)
  await isGone
  clearTimeout(patience)
}

/** Whoever of them has ended already is no fault. */
function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('connect', () => socket.destroy()).on('error', () => resolve(false))
  })
}

async function until(
  condition: () => Promise<boolean> | boolean,
  what: () => string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what()}`)
    await Bun.sleep(10)
  }
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

function treeOf(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const)
  const tree = [root]
  for (const pid of tree) tree.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child))
  return tree
}

/** Undefined for a process that has ended meanwhile. */
function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
  } catch {
    return undefined
  }
}

/** Memory that is theirs, in bytes: shared pages count in part (PSS). */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return sum + Number(kilobytes) * 1024
  }, 0)
}
