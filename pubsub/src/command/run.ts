import { createReadStream, watchFile } from 'node:fs'
import packageJson from '../../package.json'
import { describeError } from '../log.ts'
import { developmentKey } from '../start/keys.ts'
import { StartError } from '../start/start-error.ts'
import { type RunningWebPubSub, WebPubSub } from '../start/start.ts'
import { type Config, readConfig, type Sources } from './config.ts'
import { greeting, startedEntry } from './greeting.ts'
import { helpText } from './help.ts'
import { type Log, openLog } from './log.ts'
import { reload } from './reload.ts'
import { createStop } from './stop.ts'
import { toStartOptions } from './start-options.ts'

const exitCodes = { badInput: 2, cannotStart: 1 }
const answers = { help: helpText, version: () => packageJson.version }

/**
 * Runs the service until a signal stops it. The process ends with 0 after that, with 2 and a line on stderr for each
 * problem of the input, and with 1 and a line when it cannot start.
 */
export async function run(sources: Sources): Promise<void> {
  const read = readConfig(sources)
  if (!read.ok) return end(exitCodes.badInput, read.problems)
  if ('asksFor' in read) return write(`${answers[read.asksFor]()}\n`)
  try {
    await serve(read.config, sources)
  } catch (error) {
    // of anything else the person cannot know what to change, so the place is told
    end(exitCodes.cannotStart, [error instanceof StartError ? error.message : describeError(error)])
  }
}

const write = (text: string) => void process.stdout.write(text)

function end(code: number, problems: readonly string[]): void {
  process.stderr.write(problems.map((problem) => `chatr-pubsub: ${problem}\n`).join(''))
  process.exit(code)
}

async function serve(config: Config, sources: Sources): Promise<void> {
  const { settings } = config
  const secrets = () => (service?.keys ?? []).filter((key) => key !== developmentKey)
  const log = openLog(settings.log ?? 'text', { write, now: () => new Date(), secrets })
  let service: RunningWebPubSub | undefined
  service = await WebPubSub.start({ ...toStartOptions(settings), log })
  surviveFaults(log)
  stopWhenAsked(service, config, log)
  applyChanges(service, config, { sources, log })
  if (settings.log === 'json') log(startedEntry(service, settings))
  else write(greeting(service, settings, { isPerson: process.stdout.isTTY }))
}

/** A fault in one request or connection must not end those of everybody else. */
function surviveFaults(log: Log): void {
  const report = (event: string) => (error: unknown) => log({ level: 'error', event, error: describeError(error) })
  process.on('unhandledRejection', report('promiseDropped'))
  process.on('uncaughtException', report('exceptionNotCaught'))
}

function stopWhenAsked(service: RunningWebPubSub, { settings, lifelineFd, configFile }: Config, log: Log): void {
  const { drainSeconds = 10 } = settings
  const stop = createStop(service, { drainMs: drainSeconds * 1_000, log, exit: (code) => process.exit(code) })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.gently(signal))
  if (!takesHangupForReload(configFile)) process.on('SIGHUP', () => stop.gently('SIGHUP'))
  if (lifelineFd === undefined) return
  const lifeline = createReadStream('', { fd: lifelineFd })
  lifeline.on('close', () => stop.now('the program that started this one is gone'))
  lifeline.on('error', () => {}).resume()
}

function applyChanges(service: RunningWebPubSub, config: Config, parts: { sources: Sources; log: Log }): void {
  const { configFile } = config
  if (configFile === undefined) return
  let { settings } = config
  const apply = () => {
    settings = reload(service, settings, parts)
  }
  if (takesHangupForReload(configFile)) process.on('SIGHUP', apply)
  // looks at the file itself every second: that bears editors and mounts, which put another file in its place
  watchFile(configFile, { interval: 1_000, persistent: false }, apply)
}

/** At a terminal it says that the terminal is gone. */
const takesHangupForReload = (configFile: string | undefined) => configFile !== undefined && !process.stdout.isTTY
