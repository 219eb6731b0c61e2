'use strict'

const { spawn } = require('node:child_process')
const { join } = require('node:path')
const { createInterface } = require('node:readline')
const { findBun } = require('./find-bun.cjs')

const main = join(__dirname, '..', 'src', 'command', 'main.ts')
/** The service stops when this ends: when it is closed, or when this process is gone, however it ended. */
const lifelineFd = 3

exports.WebPubSub = { start }

async function start(options = {}) {
  const service = spawnService(toSettings(options))
  const started = await Promise.race([whenStarted(service, options.log), whyItFailed(service)])
  service.stderr.removeAllListeners('data').pipe(process.stderr, { end: false })
  const exited = new Promise((resolve) => {
    service.once('close', resolve)
  })
  const { url, endpoint } = started
  // it prints the well-known development key alone: one's own is known here
  const keys = options.keys ?? [/AccessKey=([^;]*)/.exec(started.connectionString)[1]]
  const close = async () => {
    service.stdio[lifelineFd].end()
    await exited
  }
  const connectionString = `Endpoint=${endpoint};AccessKey=${keys[0]};Version=1.0;`
  return { url, endpoint, connectionString, keys, close, [Symbol.asyncDispose ?? Symbol('asyncDispose')]: close }
}

/** As a configuration file would say it. */
function toSettings({ hostname: host, port = 0, hubs = {}, ...settings }) {
  for (const [name, { handler }] of Object.entries(hubs)) {
    if (handler === undefined) continue
    throw new TypeError(
      `hubs.${name}.handler: on Node the service runs in a process of its own, which cannot call a function of yours; ` +
        'give eventHandlers with the URL of your server, or run under Bun',
    )
  }
  // replaces the function of that name: the log comes here as lines
  return { ...settings, ...(host !== undefined && { host }), port, hubs, log: 'json', drainSeconds: 0 }
}

function spawnService(settings) {
  const args = [main, '--config', '-', '--lifeline-fd', String(lifelineFd)]
  const service = spawn(findBun(), args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
  // a service that ended before it read them says why by itself
  for (const stream of [service.stdin, service.stdio[lifelineFd]]) stream.on('error', () => {})
  service.stdin.end(JSON.stringify(settings))
  return service
}

/** Resolves with its first line; every line goes to `log`. */
function whenStarted({ stdout }, log) {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const entry = JSON.parse(line)
      if (entry.event === 'started') resolve(entry)
      log?.(entry)
    })
  })
}

/** Rejects with what it said when it ends before it has started. */
function whyItFailed(service) {
  let said = ''
  service.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return new Promise((_, reject) => {
    service.once('error', reject)
    service.once('close', (code) => reject(new Error(inOurWords(said) || `the service ended with ${code}`)))
  })
}

/** What the command says of its input is about the options here. */
const inOurWords = (said) => said.trim().replaceAll(/^chatr-pubsub: (?:standard input: )?/gm, '')
