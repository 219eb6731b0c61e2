import { memoryOf } from './processes.ts'
import { measureInRounds } from './rounds.ts'
import { type Cell, noCell, type Row } from './rows.ts'
import { type Kit, type Session, startCrowd, startTarget } from './session.ts'
import type { Target } from './target.ts'

/** Connections opened (handshake, and what the protocol needs until it is ready) and reset at once, 64 at a time. */
export async function measureConnects(kit: Kit): Promise<Row[]> {
  if (!kit.wants('connects')) return []
  const crowd = { groups: 64, members: 1, textBytes: 100, isIdle: true }
  const row = await measureInRounds(kit, {
    row: { id: 'connects', title: 'connections opened, 64 at a time', unit: 'connections/s' },
    targets: kit.targets,
    async open(target) {
      const server = await startTarget(kit, target)
      const load = startCrowd(kit, target, { crowd, port: server.port })
      return { target, server, load, close: () => closeBoth({ server, load }) }
    },
    measure: ({ load }, span) => load.connects(64, span),
    of: ({ connects }) => connects,
  })
  return [row]
}

async function closeBoth({ server, load }: Pick<Session, 'server' | 'load'>) {
  await load.stop()
  await server.stop()
}

/** Memory of the server for each connection that is there and says nothing, between the first fifth and all of them. */
export async function measureIdle(kit: Kit): Promise<Row[]> {
  if (!kit.wants('idle')) return []
  const count = kit.isQuick ? 2_000 : 10_000
  const cells = new Map<string, Cell>()
  for (const target of kit.targets) {
    kit.tell(`idle connections: ${target.label}`)
    const reason = target.missing()
    cells.set(
      target.id,
      reason === undefined ? await measureMemory(kit, target, count) : noCell(`not installed: ${reason}`),
    )
  }
  const title = `${count.toLocaleString('en')} idle connections, memory for each`
  return [{ id: 'idle', title, unit: 'bytes', isCost: true, cells }]
}

async function measureMemory(kit: Kit, target: Target, count: number): Promise<Cell> {
  const server = await startTarget(kit, target)
  const crowdOf = (groups: number) =>
    startCrowd(kit, target, { crowd: { groups, members: 1, textBytes: 100, isIdle: true }, port: server.port })
  const loads = [crowdOf(count / 5), crowdOf((count * 4) / 5)]
  try {
    const memories: number[] = []
    for (const load of loads) {
      await load.open()
      memories.push(await settledMemory(server.pids(), kit.isQuick ? 2_000 : 6_000))
    }
    const [few = Number.NaN, all = Number.NaN] = memories
    const value = (all - few) / ((count * 4) / 5)
    return { value, lowest: value, highest: value }
  } catch (error) {
    return noCell(error instanceof Error ? error.message : String(error))
  } finally {
    await Promise.all(loads.map((load) => load.stop()))
    await server.stop()
  }
}

/** The least that it holds while nothing happens: collectors run when they like. */
async function settledMemory(pids: readonly number[], forMs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (const deadline = performance.now() + forMs; performance.now() < deadline; await Bun.sleep(250))
    least = Math.min(least, memoryOf(pids))
  return least
}
