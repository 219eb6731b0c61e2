import { type Config, ConfigError, readConfig } from './config.ts'
import { messageOf, openLog } from './log.ts'
import { providerNames } from './sign-in/pages.ts'
import { type Chatr, startChatr, type StartParts } from './start.ts'
import { StartError } from './start-error.ts'

const stopWithinMs = 5_000

/**
 * Runs Chatr until a signal stops it; `parts` are those of `startChatr`. The process ends with 0 after a stop that was
 * asked for, and with 1, and a line on stderr for each problem, when Chatr cannot start or does not stop in time.
 */
export async function run(env: Record<string, string | undefined>, parts: StartParts = {}): Promise<void> {
  try {
    process.umask(0o077) // whatever is written beside the databases is for their owner alone, too
    await runWith(readConfig(env), parts)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(1)
  }
}

async function runWith(config: Config, parts: StartParts): Promise<void> {
  const log = openLog(config.log)
  const chatr = await startChatr(config, { log, ...parts })
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
  // A fault in one request or connection must not end the conversation of everybody else.
  process.on('unhandledRejection', (error) => log.error('a promise was dropped', { error: messageOf(error) }))
  process.on('uncaughtException', (error) => log.error('an exception was not caught', { error: messageOf(error) }))
  if (config.log === 'json') log.info('start', { url: chatr.url, data: config.dataFolder })
  else process.stdout.write(greeting(chatr, config))

  function reportFailure(error: unknown): number {
    log.error('did not stop cleanly', { error: messageOf(error) })
    return 1
  }

  async function stop(signal: string): Promise<void> {
    if (isStopping) process.exit(1) // asked twice: at once
    isStopping = true
    log.info('stop', { signal })
    setTimeout(() => {
      log.error('did not stop in time', { seconds: stopWithinMs / 1_000 })
      process.exit(1)
    }, stopWithinMs)
    process.exit(await chatr.stop().then(() => 0, reportFailure))
  }
}

function greeting({ url }: Chatr, config: Config): string {
  const listening = config.publicOrigin === undefined ? '' : ` (listening at ${url})`
  return `Chatr is running at ${config.publicOrigin ?? url}${listening}

  Data      ${config.dataFolder}
  Sign in   ${waysToSignIn(config)}
  Stop      Ctrl+C

`
}

function waysToSignIn({ hasGuests, emulated }: Config): string {
  const names = emulated.map((provider) => providerNames[provider]).join(', ')
  const ways = [
    ...(hasGuests ? ['as a guest, with any name'] : []),
    ...(names ? [`with the emulated sign-in of ${names} (for development: no password)`] : []),
  ]
  return ways.join(', or ')
}

/** What a person is told who cannot start Chatr: one line for each problem; a stack only where it is our own fault. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  if (error instanceof StartError) return `Chatr cannot start. ${error.message}`
  return `Chatr cannot start. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
