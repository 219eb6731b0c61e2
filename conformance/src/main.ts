import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Runs the suite in Node: Microsoft's packages are made for it, and their `ws` would be replaced by Bun's own there.
 * Only our own TypeScript is bundled; the packages are taken from node_modules as they were published.
 */
const args = process.argv.slice(2)
const runtime = args[args.indexOf('--runtime') + 1]
const entry = new URL('cli.ts', import.meta.url)

if (args.includes('--runtime') && runtime === 'bun') await import(entry.href)
else runInNode(await bundle(entry))

async function bundle(entry: URL): Promise<string> {
  const folder = fileURLToPath(new URL('../dist/', import.meta.url))
  await Bun.build({ entrypoints: [fileURLToPath(entry)], outdir: folder, target: 'node', packages: 'external' })
  return `${folder}cli.js`
}

function runInNode(file: string): void {
  const child = spawn('node', ['--enable-source-maps', file, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.on('error', ({ message }) =>
    console.error(`Node cannot be started (${message}); --runtime bun does without it`),
  )
  child.on('exit', (code) => (process.exitCode = code ?? 1))
}
