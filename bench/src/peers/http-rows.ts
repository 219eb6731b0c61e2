import { join } from 'node:path'
import { cores, freePort, startServer } from './processes.ts'
import { measureInRounds } from './rounds.ts'
import type { Row } from './rows.ts'
import { type Kit, openSession, type Session } from './session.ts'
import type { Target } from './target.ts'
import { events } from './targets/pubsub.ts'

/** REST sends over 32 connections that stay open; each message goes to one connection, and is seen to arrive. */
export async function measureRest(kit: Kit): Promise<Row[]> {
  if (!kit.wants('rest')) return []
  const crowd = { groups: 100, members: 1, textBytes: 100, httpConns: 32, httpRequests: 20_000 }
  const row = await measureInRounds(kit, {
    row: { id: 'rest', title: 'sends by HTTP, 32 connections kept open', unit: 'sends/s' },
    targets: kit.targets.filter(({ publishByHttp, id }) => publishByHttp && id !== 'reliable'),
    open: (target) => openSession(kit, target, crowd),
    measure: ({ load }, span) => load.closed(1, span),
    of: ({ responses }) => responses,
  })
  return [row]
}

/** Events of 200 clients to a webhook, one in flight for each, answered with the message that comes back. */
export async function measureEvents(kit: Kit): Promise<Row[]> {
  if (!kit.wants('events') || !kit.targets.some(({ id }) => id === 'pubsub')) return []
  const row = await measureInRounds(kit, {
    row: { id: 'events', title: 'events to a webhook and back, 200 clients', unit: 'events/s' },
    targets: [events],
    open: (target) => openBacked(kit, target, { groups: 200, members: 1, textBytes: 100 }),
    measure: ({ load }, span) => load.closed(1, span),
    of: ({ deliveries }) => deliveries,
  })
  return [row]
}

/** A session with a backend behind it, which shares the core of the load generator. */
export async function openBacked(kit: Kit, target: Target, crowd: Parameters<typeof openSession>[2]): Promise<Session> {
  const port = await freePort()
  const backend = await startServer(
    cores.load,
    { port, logFile: join(kit.folder, `backend-${port}`) },
    { command: [kit.programs.echo, String(port)] },
  )
  try {
    const session = await openSession(kit, target, crowd, port)
    return { ...session, close: () => session.close().then(() => backend.stop()) }
  } catch (error) {
    await backend.stop()
    throw error
  }
}
