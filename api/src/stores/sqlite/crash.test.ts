import { Database } from 'bun:sqlite'
import { expect, it } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { groupChat, logOf } from '../contract/store-under-test.ts'
import { openSqliteStore } from './index.ts'

const rounds = 5

it('loses no acknowledged message when its process is killed under load, again and again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatr-crash-'))
  const file = join(folder, 'chatr.db')
  const first = openSqliteStore({ file })
  await first.createChat(groupChat('c'))
  await first.close()

  const acknowledged = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    for (const [id, rev] of await writeUntilKilled(file, `round${round}`)) acknowledged.set(id, rev)
    const store = openSqliteStore({ file })
    const log = await logOf(store, 'c')
    const found = new Map(log.map((message) => [message.id, message.pos]))
    for (const [id, rev] of acknowledged) expect(found.get(id)).toBe(rev)
    expect(log.map((message) => message.pos)).toEqual(log.map((_, index) => index + 1))
    expect((await store.findChat('c'))?.rev).toBe(log.length)
    await store.close()
    expect(checkIntegrity(file)).toBe('ok')
  }
  expect(acknowledged.size).toBeGreaterThan(rounds * 50)
  rmSync(folder, { recursive: true })
}, 60_000)

/** Kills the writer after a random number of acknowledgements, in whatever it is doing; gives all it had printed. */
async function writeUntilKilled(file: string, prefix: string): Promise<[id: string, rev: number][]> {
  const script = fileURLToPath(import.meta.resolve('./writer.process.ts'))
  const writer = Bun.spawn([process.execPath, script, file, 'c', prefix], { stdout: 'pipe', stderr: 'inherit' })
  const killAfter = 50 + Math.floor(Math.random() * 2_000)
  let printed = ''
  let lines = 0
  const decoder = new TextDecoder()
  for await (const chunk of writer.stdout) {
    const text = decoder.decode(chunk, { stream: true })
    printed += text
    lines += text.split('\n').length - 1
    if (lines >= killAfter) writer.kill('SIGKILL')
  }
  expect(await writer.exited).toBe(137)
  // The last line may have been cut off by the kill.
  return printed
    .slice(0, printed.lastIndexOf('\n'))
    .split('\n')
    .map((line): [string, number] => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])])
}

function checkIntegrity(file: string): unknown {
  const db = new Database(file)
  const [row] = db.query('PRAGMA integrity_check').values()
  db.close()
  return row?.[0]
}
