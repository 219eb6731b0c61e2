import { afterAll, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPrograms } from './build.ts'
import { type Kit, openSession, startCrowd } from './session.ts'
import { bare } from './targets/bare.ts'

const folder = mkdtempSync(join(tmpdir(), 'chatr-bench-test-'))
const kit: Kit = {
  folder,
  programs: buildPrograms(folder),
  targets: [bare],
  isQuick: true,
  wants: () => true,
  tell: () => {},
  messageBytes: new Map(),
}
const crowd = { groups: 3, members: 4, textBytes: 100 }
afterAll(() => rmSync(folder, { recursive: true }))

describe('the load generator', () => {
  it('sees every message of a closed loop arrive at every member', async () => {
    const { load, server, close } = await openSession(kit, bare, crowd)
    const sample = await load.closed(8, { warmMs: 0, measureMs: 50, pids: server.pids() })
    await close()
    expect(sample).toMatchObject({ missing: 0, skipped: 0 })
    expect(sample.sends).toBeGreaterThan(0)
  })

  it('sends as many messages as an open loop has room for, and times each delivery', async () => {
    const { load, server, close } = await openSession(kit, bare, crowd)
    const sample = await load.paced(1_000, { warmMs: 0, measureMs: 100, pids: server.pids() })
    await close()
    expect(sample).toMatchObject({ missing: 0, skipped: 0 })
    expect(sample.sends).toBeWithin(1, 102)
    expect(sample.p50).toBeGreaterThan(0)
    expect(sample.max).toBeGreaterThanOrEqual(sample.p50)
  })

  it('tells how a server answered that is none', async () => {
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('no', { status: 404 }) })
    const load = startCrowd(kit, bare, { crowd, port: server.port ?? 0 })
    expect(await load.open().catch(String)).toContain('the upgrade was answered: HTTP/1.1 404')
    await load.stop()
    await server.stop(true)
  })
})
