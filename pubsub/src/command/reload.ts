import { isDeepStrictEqual } from 'node:util'
import type { RunningWebPubSub } from '../start/start.ts'
import { readConfig, type Sources } from './config.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings.ts'
import { keysOf } from './start-options.ts'

const appliedWhileRunning = new Set(['keys', 'hubs'])

/**
 * Reads all settings again and applies what may change while the service runs. Returns what holds now: where the new
 * settings are wrong, that is the old ones, and the log says why.
 */
export function reload(service: RunningWebPubSub, current: Settings, { sources, log }: ReloadParts): Settings {
  const read = readConfig(sources)
  if (!read.ok) {
    log({ level: 'error', event: 'settingsRefused', problems: read.problems })
    return current
  }
  if ('asksFor' in read) return current
  const { settings } = read.config
  service.setKeys(keysOf(settings))
  const hubs = changedHubs(current.hubs, settings.hubs)
  for (const name of hubs) service.setHub(name, settings.hubs?.[name] ?? {})
  const late = changedNames(current, settings).filter((name) => !appliedWhileRunning.has(name))
  if (late.length > 0) log({ level: 'warn', event: 'settingsWantRestart', settings: late })
  log({ level: 'info', event: 'settingsApplied', keys: settings.keys?.length ?? 1, changedHubs: hubs })
  return settings
}

export interface ReloadParts {
  sources: Sources
  log: Log
}

/** Those that are as before keep what their webhooks know. */
function changedHubs(before: Settings['hubs'] = {}, now: Settings['hubs'] = {}): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => !isDeepStrictEqual(before[name], now[name]))
}

function changedNames(before: Settings, now: Settings): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  const valueOf = (settings: Settings, name: string) => new Map(Object.entries(settings)).get(name)
  return [...names].filter((name) => !isDeepStrictEqual(valueOf(before, name), valueOf(now, name)))
}
