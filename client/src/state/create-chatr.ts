import type { User } from '@chatr/protocol'
import { reactive, watch } from 'vue'
import { createHttpApi } from '../connection/http-api.ts'
import { keepConnected } from '../connection/keep-connected.ts'
import type { Link } from '../connection/keep-connected.ts'
import { createActions } from './actions.ts'
import { createCatchUp } from './catch-up.ts'
import { watchConnection } from './connection-state.ts'
import type { Core } from './core.ts'
import { withBrowser } from './deps.ts'
import type { ChatrDeps } from './deps.ts'
import { createDrafts } from './drafts.ts'
import { createHistory } from './history.ts'
import { watchIdle } from './idle.ts'
import type { IdleWatch } from './idle.ts'
import { forgetUnstoredUnread, showOpenChat } from './open-chat.ts'
import { createOutbox } from './outbox.ts'
import { createPopUps } from './pop-ups.ts'
import { createPresenceNotices, presencePopUpId } from './presence-notices.ts'
import { createReact } from './react.ts'
import { createReadPositions } from './read-positions.ts'
import { createRequests } from './requests.ts'
import { createSync } from './sync.ts'
import { windowTitle } from './title.ts'
import type { AppState } from './types.ts'
import { createTyping } from './typing.ts'
import type { Chatr } from './use-chatr.ts'
import { createUserStorage } from './user-storage.ts'

export interface RunningChatr extends Chatr {
  /** Connects, and stays connected. Resolves once the lists are there, or the store was stopped before. Never rejects. */
  start: () => Promise<void>
  /** Ends the connection, every timer and every listener; for good. */
  stop: () => void
}

/** The store of one page for one user: the state, what can be done, and the connection behind it. */
export function createChatr(given: Pick<ChatrDeps, 'me'> & Partial<ChatrDeps>): RunningChatr {
  const deps = withBrowser(given)
  const core = createCore(deps)
  const parts = createParts(core, deps)
  const ends: (() => void)[] = []
  let onStarted = () => {}
  return {
    state: core.state,
    actions: parts.actions,
    start: () =>
      new Promise((resolve) => {
        onStarted = resolve
        ends.push(...run(core, deps, { ...parts, onLoaded: resolve }))
      }),
    stop: () => {
      for (const end of ends.splice(0)) end()
      onStarted()
    },
  }
}

function createCore({ me, ...deps }: ChatrDeps): Core {
  return {
    state: reactive(newAppState(me)),
    api: createHttpApi(deps.fetch),
    storage: createUserStorage(deps.storage, me.userId),
    page: deps.page,
    notifier: deps.notifier,
    clock: deps.clock,
    after: deps.after,
    random: deps.random,
    fillRandom: deps.fillRandom,
    connection: undefined,
    // Both are set before anything can happen.
    react: () => undefined,
    onSignedOut: () => undefined,
  }
}

const newAppState = (me: User): AppState => ({
  me: { ...me, idle: false },
  connection: 'connecting',
  isLoaded: false,
  chats: new Map(),
  online: new Map(),
  openChatId: undefined,
  popUps: [],
})

function createParts(core: Core, deps: ChatrDeps) {
  const { state, clock, after } = core
  const refresh = () => sync.refresh()
  const catchUp = createCatchUp(core)
  const history = createHistory(core, catchUp)
  const outbox = createOutbox(core, catchUp)
  const requests = createRequests(core, refresh)
  const popUps = createPopUps(state, after)
  const isShown = () => state.popUps.some(({ id }) => id === presencePopUpId)
  const presence = createPresenceNotices({ clock, after, popUps, isShown })
  const typing = createTyping(core)
  const drafts = createDrafts(core)
  const readPositions = createReadPositions(core)
  const connectionState = watchConnection(state, after)
  const sync = createSync(core, {
    wholeUpTo: catchUp.wholeUpTo,
    onUsers: (before) => presence.onMissing([...before.keys()].filter((userId) => !state.online.has(userId))),
    onSynced: () => onSynced(),
  })
  let onSynced = () => {}
  const setOnSynced = (run: () => void) => void (onSynced = run)
  const signOut = () => {
    core.storage.clear()
    deps.tabs.tellSignedOut(state.me.userId)
    core.onSignedOut()
    core.page.goTo('/.auth/logout')
  }
  const made = { catchUp, history, outbox, requests, popUps, presence, typing, drafts, readPositions }
  const actions = createActions(core, { ...made, signOut })
  core.react = createReact(core, { ...made, refresh, openChat: (chatId) => actions.openChat(chatId) })
  return { ...made, actions, sync, connectionState, setOnSynced }
}

type RunningParts = ReturnType<typeof createParts> & { onLoaded: () => void }

/** After these the connection is worth another look. */
const kicks = ['online', 'offline', 'pageshow', 'resume']

function run(core: Core, deps: ChatrDeps, parts: RunningParts): (() => void)[] {
  const idle = watchIdle({ ...core, onChange: (isIdle) => tellIdle(core, isIdle) })
  const link = createLink(core, deps, { parts, idle })
  parts.setOnSynced(() => onSynced(core, parts, idle))
  core.onSignedOut = () => {
    link.stop()
    parts.connectionState.onSignedOut()
  }
  deps.tabs.onSignedOut((userId) => {
    if (userId !== core.state.me.userId) return
    core.storage.clear()
    core.onSignedOut()
  })
  link.start()
  return [
    deps.page.listen(kicks, () => link.kick()),
    deps.page.listen(['visibilitychange'], () => core.page.isHidden() || link.kick()),
    deps.page.listen(['visibilitychange', 'focus'], () => forgetUnstoredUnread(core)),
    watch(
      () => windowTitle(core.state),
      (title) => core.page.setTitle(title),
      { immediate: true },
    ),
    () => deps.tabs.close(),
    () => idle.stop(),
    () => link.stop(),
    ...[parts.popUps, parts.presence, parts.typing, parts.readPositions, parts.connectionState].map(
      (part) => () => part.stop(),
    ),
  ]
}

function createLink(
  core: Core,
  { createConnection, clock, after, random }: ChatrDeps,
  { parts, idle }: { parts: RunningParts; idle: IdleWatch },
): Link {
  return keepConnected(
    { getToken: core.api.getToken, createConnection, clock, after, random },
    {
      onToken: ({ settings }) => idle.setIdleAfter(settings.idleAfterSeconds),
      onOpen: parts.sync.onOpen,
      onFrame: parts.sync.onFrame,
      onLost: () => {
        core.connection = undefined
        parts.sync.onLost()
        parts.catchUp.forgetHeld()
        parts.outbox.onLost()
        parts.connectionState.onLost()
      },
      onSignedOut: () => core.onSignedOut(),
    },
  )
}

function onSynced(core: Core, parts: RunningParts, idle: IdleWatch): void {
  parts.connectionState.onSynced()
  parts.presence.onSynced()
  parts.drafts.restore()
  parts.outbox.onSynced()
  parts.readPositions.onSynced()
  if (idle.isIdle()) tellIdle(core, true)
  showOpenChat(core, parts)
  parts.onLoaded()
}

/** Idle belongs to the connection: a new one has to be told again. */
function tellIdle({ connection }: Core, isIdle: boolean): void {
  void connection?.sendEvent(isIdle ? 'userEnterIdle' : 'userExitIdle', {})
}
