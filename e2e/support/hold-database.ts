import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bun = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))

/** Locks the database for writing, as a careless backup would, until the returned function is called. */
export async function holdDatabase(dataFolder: string): Promise<() => Promise<void>> {
  const script = `
    import { Database } from 'bun:sqlite'
    const database = new Database(${JSON.stringify(join(dataFolder, 'chatr.sqlite'))})
    database.run('BEGIN IMMEDIATE')
    console.log('held')
    setInterval(() => database.filename, 1000) // it stays open as long as somebody may still ask for it`
  const child = spawn(bun, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return () =>
    new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
}
