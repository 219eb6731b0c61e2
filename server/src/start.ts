import { fileURLToPath } from 'node:url'
import { type Api, type ChatStore, createApi } from '@chatr/api'
import { openSqliteStore } from '@chatr/api/stores/sqlite'
import type { EventHandler } from 'chatr-pubsub'
import { version } from '../package.json'
import { openClosers } from './closers.ts'
import type { Config } from './config.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { openFrontDoor } from './front-door.ts'
import { listen } from './listen.ts'
import { type Log, logEntriesOf, messageOf, openLog } from './log.ts'
import { openOrigins, type Origins } from './origins.ts'
import { repeat } from './repeat.ts'
import { openSecrets, type Secrets } from './secrets.ts'
import { hub, openService, type Service, type ServiceSocket } from './service.ts'
import { sessionCookie } from './sign-in/cookie.ts'
import { openSessions } from './sign-in/sessions.ts'
import { createSignIn } from './sign-in/sign-in.ts'
import { openSite } from './static/site.ts'
import { openOrExplain } from './start-error.ts'

export interface Chatr {
  /** Where it listens, for a browser on this machine. */
  url: string
  /** Ends every connection, then closes the databases; what was acknowledged is kept. */
  stop: () => Promise<void>
}

export interface StartParts {
  /** The built client; `client/dist` of this checkout unless given. */
  clientFolder?: string
  log?: Log
  /** Milliseconds since 1970. */
  now?: () => number
}

const builtClient = fileURLToPath(new URL('../../client/dist', import.meta.url))
const msPerDay = 86_400_000

/** Starts everything in this process and resolves when it is ready. Throws a `StartError` and leaves nothing open. */
export async function startChatr(config: Config, parts: StartParts = {}): Promise<Chatr> {
  const closers = openClosers()
  try {
    const url = await start(config, parts, closers.add)
    return { url, stop: closers.closeAll }
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}

type OnStop = (close: () => void | Promise<void>) => void

async function start(config: Config, parts: StartParts, onStop: OnStop): Promise<string> {
  const { clientFolder = builtClient, log = openLog(config.log), now = Date.now } = parts
  const { folder, secrets } = openFolder(config, onStop)
  const lifeMs = config.sessionDays * msPerDay
  const sessions = openSessions({ file: folder.privateFile('sessions.sqlite'), key: secrets.sessionKey, lifeMs, now })
  onStop(() => sessions.close())
  const store = openStore(config, folder)
  onStop(() => store.close())
  const listener = listen<ServiceSocket>(config)
  onStop(listener.close)

  const events = eventsOf(() => api)
  const service = await openService(config, { events, keys: secrets.pubsubKeys, url: listener.url, log, now })
  onStop(service.close)
  onStop(listener.closeDoor)
  const origins = openOrigins(config)
  const api = openApi(config, { store, service, origins, log, now })
  if (!service.keepsConnections) await store.clearConnections()
  const healing = repeat(() => api.healPresence(service.healing.scope), {
    everyMs: service.healing.everyMs,
    failed: (error) => log.warn('presence may be wrong for now', { error: messageOf(error) }),
  })
  onStop(healing.stop)

  const signIn = createSignIn({
    sessions,
    cookie: sessionCookie({ isSecure: origins.isSecure, lifeMs }),
    hasGuests: config.hasGuests,
    ...origins,
    emulatedForm: (request) => site.emulatedForm(request),
    signedOut: (userId) =>
      api
        .signedOut(userId)
        .catch((error: unknown) => log.warn('connections outlive a sign-out', { error: messageOf(error) })),
    log,
  })
  const isSignedIn = (request: Request) => signIn.principalOf(request) !== undefined
  const site = openSite({ folder: clientFolder, hasGuests: config.hasGuests, isSignedIn, ...origins })
  listener.answerWith({
    fetch: openFrontDoor({
      signIn,
      api: (request) => api.fetch(request),
      site: site.fetch,
      service,
      originOf: origins.originOf,
      log,
    }),
    websocket: service.websocket,
  })
  return listener.url
}

function openFolder({ dataFolder }: Config, onStop: OnStop): { folder: DataFolder; secrets: Secrets } {
  const folder = openDataFolder(dataFolder)
  onStop(() => folder.release())
  return { folder, secrets: openSecrets(folder.path) }
}

function openStore({ databaseMaxBytes: maxBytes }: Config, folder: DataFolder): ChatStore {
  const file = folder.privateFile('chatr.sqlite')
  return openOrExplain('The database', () => openSqliteStore({ file, ...(maxBytes !== undefined && { maxBytes }) }))
}

/** The service calls the chat and the chat calls the service; the first event comes when both are there. */
const eventsOf = (api: () => Api): EventHandler => ({
  connect: (request) => api().events.connect(request),
  connected: (context) => api().events.connected(context),
  event: (context, event) => api().events.event(context, event),
  disconnected: (context, reason) => api().events.disconnected(context, reason),
})

interface ApiParts {
  store: ChatStore
  service: Service
  origins: Origins
  log: Log
  now: () => number
}

const openApi = (config: Config, { store, service, origins, log, now }: ApiParts): Api =>
  createApi({
    store,
    pubsub: service.pubsub,
    clock: now,
    log: logEntriesOf(log, 'chat'),
    version,
    settings: { idleAfterSeconds: config.idleAfterSeconds },
    hub,
    webhook: service.webhook,
    publicOrigin: service.origin === undefined ? origins.originOf : undefined,
  })
