import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Load, startLoad } from './load.ts'
import { type Crowd, writePlan } from './plan.ts'
import { cores, freePort, type RunningServer, startServer } from './processes.ts'
import { textOf } from './frames.ts'
import { groupName, type Programs, type Target } from './target.ts'

/** What every measurement of a run shares. */
export interface Kit {
  /** For files of servers and plans; gone after the run. */
  folder: string
  programs: Programs
  targets: readonly Target[]
  isQuick: boolean
  /** Whether the user wants the row. */
  wants: (row: string) => boolean
  tell: (progress: string) => void
  /** Bytes of a delivered message of 100 bytes, by target, as they were seen. */
  messageBytes: Map<string, number>
}

export interface Session {
  target: Target
  server: RunningServer
  load: Load
  /** Kills the clients first: what they leave behind is not measured. */
  close: () => Promise<void>
}

let serial = 0

/** Starts a server on the server's core, with what else it needs on the other one. */
export async function startTarget(
  kit: Kit,
  target: Target,
  textBytes = 100,
  backendPort?: number,
): Promise<RunningServer> {
  const folder = join(kit.folder, `${target.id}-${++serial}`)
  mkdirSync(folder)
  const port = await freePort()
  const place = { folder, port, group: groupName(0), text: textOf(textBytes), programs: kit.programs }
  const launch = target.launch(backendPort === undefined ? place : { ...place, backendPort })
  return startServer(cores.server, { port, logFile: join(folder, 'log') }, launch)
}

/** Starts a load generator for the crowd. Nobody is connected yet. */
export function startCrowd(kit: Kit, target: Target, { crowd, port }: { crowd: Crowd; port: number }): Load {
  const file = join(kit.folder, `plan-${++serial}`)
  writePlan(file, { target, crowd, port, text: textOf(crowd.textBytes) })
  return startLoad(kit.programs.load, file)
}

/** A server with its crowd connected and joined, and one message seen to arrive whole at everybody in the first group. */
export async function openSession(kit: Kit, target: Target, crowd: Crowd, backendPort?: number): Promise<Session> {
  const server = await startTarget(kit, target, crowd.textBytes, backendPort)
  const load = startCrowd(kit, target, { crowd, port: server.port })
  const close = async () => {
    await load.stop()
    await server.stop()
  }
  try {
    await load.open()
    const payload = await load.calibrate()
    if (crowd.textBytes === 100 && !kit.messageBytes.has(target.id)) kit.messageBytes.set(target.id, payload.length)
    if (!payload.includes(textOf(crowd.textBytes))) throw new Error(`${target.label} delivered ${payload.toString()}`)
  } catch (error) {
    await close()
    throw error
  }
  return { target, server, load, close }
}
