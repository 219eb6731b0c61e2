#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { findBun } from '../node/find-bun.cjs'

const main = fileURLToPath(new URL('../src/command/main.ts', import.meta.url))
/** The service stops when this ends, however the launcher was ended. */
const lifelineFd = 3

try {
  launch(findBun())
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** Runs the service in place of this process, as far as Node lets us: its signals go there, its exit code comes back. */
function launch(bun) {
  const args = [main, ...process.argv.slice(2), '--lifeline-fd', String(lifelineFd)]
  const service = spawn(bun, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => service.kill(signal))
  if (env.npm_command) stopWithParent(() => service.kill('SIGTERM'))
  service.on('error', (error) => {
    process.stderr.write(`chatr-pubsub cannot start ${bun}: ${error.message}\n`)
    process.exitCode = 1
  })
  service.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0))
  })
}

/** A signal to npx reaches the shell that it starts us by, and nobody else. */
function stopWithParent(stop) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 250)
}
