import type { TokenResponse } from '@chatr/protocol'
import { backoffMs } from './backoff.ts'
import type { Connection, CreateConnection, IncomingFrame } from './connection.ts'
import { signedOut } from './http-api.ts'
import type { Answer } from './http-api.ts'
import type { After, Clock } from './timers.ts'

export interface KeepConnectedDeps {
  getToken: () => Answer<TokenResponse>
  createConnection: CreateConnection
  clock: Clock
  after: After
  random: () => number
}

export interface LinkHandlers {
  onToken: (token: TokenResponse) => void
  onOpen: (connection: Connection) => void
  onFrame: (frame: IncomingFrame) => void
  onLost: () => void
  /** No further attempts are made. */
  onSignedOut: () => void
}

/** Holds one live socket at a time, for ever. */
export interface Link {
  start: () => void
  stop: () => void
  /**
   * The world may have changed (network, sleep, page shown): tries again at once when waiting, and makes sure that an
   * open socket is alive.
   */
  kick: () => void
}

const times = {
  /** An attempt that takes longer is given up. */
  attemptMs: 12_000,
  /** An attempt this old hangs, probably, when the network has just come back. */
  staleAttemptMs: 3_000,
  /** How often an open socket has to show that it lives, and within which time. */
  probeEveryMs: 15_000,
  probeAnswerMs: 4_000,
  /** A socket that stood this long was good: the next loss begins with the shortest wait again. */
  stableMs: 10_000,
}

interface Keeper {
  deps: KeepConnectedDeps
  handlers: LinkHandlers
  phase: 'stopped' | 'waiting' | 'attempting' | 'open'
  /** Raised with every attempt: what belongs to an older one is not listened to. */
  attempt: number
  failures: number
  since: number
  connection: Connection | undefined
  isHeard: boolean
  isProbing: boolean
  cancelTimer: () => void
}

export function keepConnected(deps: KeepConnectedDeps, handlers: LinkHandlers): Link {
  const keeper: Keeper = {
    deps,
    handlers,
    phase: 'stopped',
    attempt: 0,
    failures: 0,
    since: 0,
    connection: undefined,
    isHeard: false,
    isProbing: false,
    cancelTimer: () => undefined,
  }
  return {
    start: () => keeper.phase === 'stopped' && connect(keeper),
    stop: () => stop(keeper),
    kick: () => kick(keeper),
  }
}

function enter(keeper: Keeper, phase: Keeper['phase']): void {
  keeper.cancelTimer()
  keeper.phase = phase
  keeper.since = keeper.deps.clock()
}

function setTimer(keeper: Keeper, ms: number, run: () => void): void {
  keeper.cancelTimer()
  keeper.cancelTimer = keeper.deps.after(ms, run)
}

function connect(keeper: Keeper): void {
  enter(keeper, 'attempting')
  const attempt = ++keeper.attempt
  setTimer(keeper, times.attemptMs, () => lose(keeper))
  keeper.deps.getToken().then(
    (token) => attempt === keeper.attempt && (token === signedOut ? giveUp(keeper) : open(keeper, token)),
    () => attempt === keeper.attempt && lose(keeper),
  )
}

function open(keeper: Keeper, token: TokenResponse): void {
  const { handlers, attempt } = keeper
  const isCurrent = () => attempt === keeper.attempt
  handlers.onToken(token)
  const connection = keeper.deps.createConnection(token.url, {
    onOpen: () => isCurrent() && stand(keeper, connection),
    onFrame: (frame) => isCurrent() && handlers.onFrame(frame),
    onHeard: () => void (keeper.isHeard = true),
    onClosed: () => isCurrent() && lose(keeper),
  })
  keeper.connection = connection
}

function stand(keeper: Keeper, connection: Connection): void {
  enter(keeper, 'open')
  keeper.isProbing = false
  setTimer(keeper, times.probeEveryMs, () => probe(keeper))
  keeper.handlers.onOpen(connection)
}

/** After sleep a socket may look open and be dead: it is asked, and dropped when nothing at all comes back. */
function probe(keeper: Keeper): void {
  if (keeper.isProbing) return
  keeper.isProbing = true
  keeper.isHeard = false
  keeper.connection?.ping()
  setTimer(keeper, times.probeAnswerMs, () => {
    keeper.isProbing = false
    if (!keeper.isHeard) return lose(keeper)
    setTimer(keeper, times.probeEveryMs, () => probe(keeper))
  })
}

function drop(keeper: Keeper): void {
  keeper.attempt++
  const { connection } = keeper
  keeper.connection = undefined
  connection?.close()
}

function lose(keeper: Keeper): void {
  const { deps, since, phase } = keeper
  const wasStable = phase === 'open' && deps.clock() - since >= times.stableMs
  keeper.failures = wasStable ? 1 : keeper.failures + 1
  drop(keeper)
  enter(keeper, 'waiting')
  setTimer(keeper, backoffMs(keeper.failures, deps.random()), () => connect(keeper))
  if (phase === 'open') keeper.handlers.onLost()
}

const kicks: Record<Keeper['phase'], (keeper: Keeper) => void> = {
  stopped: () => undefined,
  waiting: connect,
  attempting: (keeper) => {
    if (keeper.deps.clock() - keeper.since < times.staleAttemptMs) return
    drop(keeper)
    connect(keeper)
  },
  open: probe,
}

function kick(keeper: Keeper): void {
  kicks[keeper.phase](keeper)
}

function stop(keeper: Keeper): void {
  const wasOpen = keeper.phase === 'open'
  enter(keeper, 'stopped')
  drop(keeper)
  if (wasOpen) keeper.handlers.onLost()
}

function giveUp(keeper: Keeper): void {
  stop(keeper)
  keeper.handlers.onSignedOut()
}
