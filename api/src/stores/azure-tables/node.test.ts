import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
const folder = mkdtempSync(join(tmpdir(), 'chatr-node-'))
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(async () => {
  await storage.stop()
  rmSync(folder, { recursive: true })
})

/** What a process on Node does with the store, for those who read after it. */
const script = (tablePrefix: string) => `
  import { openAzureTablesStore } from './index.js'
  const store = await openAzureTablesStore({
    connectionString: ${JSON.stringify(storage.connectionString)},
    tablePrefix: '${tablePrefix}',
    client: { allowInsecureConnection: true },
  })
  const at = new Date().toISOString()
  const owner = { userId: 'ana', userName: 'Ana' }
  await store.saveUser({ ...owner, userProvider: 'guest' })
  await store.createChat({ id: 'c', name: 'Chat', kind: 'group', history: 'kept', owner, entryId: 'e', at })
  const said = (n) => store.appendMessage('c', { id: 'm' + n, at, from: 'ana', text: 'from Node ' + process.version })
  await Promise.all(Array.from({ length: 40 }, (_, n) => said(n)))
  await store.close()
`

describe('the store on Node', () => {
  it('writes what the store on Bun reads', async () => {
    const tablePrefix = newPrefix()
    const entrypoints = [join(import.meta.dir, 'index.ts')]
    const built = await Bun.build({ entrypoints, target: 'node', format: 'esm', outdir: folder })
    expect(built.success).toBe(true)
    writeFileSync(join(folder, 'main.mjs'), script(tablePrefix))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    await promisify(execFile)('node', [join(folder, 'main.mjs')])
    const store = await storage.open({ tablePrefix })
    const page = await store.readMessages('c', { from: 'newest', limit: 50 })
    expect(page?.messages.map(({ pos }) => pos)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1))
    expect(page?.messages.at(-1)?.text).toStartWith('from Node v')
    await store.close()
  }, 30_000)
})
