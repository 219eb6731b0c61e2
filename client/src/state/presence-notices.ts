import type { After, Clock } from '../connection/timers.ts'
import type { PresenceChange } from './effects.ts'
import { listNames } from './names.ts'
import type { PopUps } from './pop-ups.ts'

export interface PresenceNotices {
  note: (change: PresenceChange, who: Who) => void
  /** Connected: what the others' coming back in the first seconds looks like is no news. */
  onSynced: () => void
  /** These were online before the connection was lost, and are not back yet. */
  onMissing: (userIds: Iterable<string>) => void
  stop: () => void
}

interface Who {
  userId: string
  userName: string
}

/** Nothing is said so soon after connecting. */
const quietMs = 5_000
/** Who is back within this time (a reload) was never away. */
const awayMs = 5_000
/** After a restart of the server everybody comes back within this time (the longest backoff, and some). */
const returnMs = 15_000

export const presencePopUpId = 'presence'

interface Notices {
  clock: Clock
  after: After
  popUps: PopUps
  isShown: () => boolean
  quietUntil: number
  /** Until when a return of this user is not worth a word. */
  silentUntil: Map<string, number>
  /** Calls off the notice that somebody went offline. */
  leaving: Map<string, () => void>
  shown: { change: PresenceChange; people: Map<string, string> }
}

/** One pop-up for all comings and goings; what happens while it is shown is added to it. */
export function createPresenceNotices(deps: Pick<Notices, 'clock' | 'after' | 'popUps' | 'isShown'>): PresenceNotices {
  const notices: Notices = {
    ...deps,
    quietUntil: Infinity,
    silentUntil: new Map(),
    leaving: new Map(),
    shown: { change: 'online', people: new Map() },
  }
  return {
    note: (change, who) => noters[change](notices, who),
    onSynced: () => void (notices.quietUntil = deps.clock() + quietMs),
    onMissing: (userIds) => {
      for (const userId of userIds) notices.silentUntil.set(userId, deps.clock() + returnMs)
    },
    stop: () => {
      for (const cancel of notices.leaving.values()) cancel()
      notices.leaving.clear()
    },
  }
}

const noters: Record<PresenceChange, (notices: Notices, who: Who) => void> = {
  online: (notices, who) => {
    const isBack = (notices.silentUntil.get(who.userId) ?? 0) > notices.clock()
    notices.silentUntil.delete(who.userId)
    notices.leaving.get(who.userId)?.()
    notices.leaving.delete(who.userId)
    if (!isBack) say(notices, 'online', who)
  },
  offline: (notices, who) => {
    notices.silentUntil.set(who.userId, notices.clock() + awayMs)
    notices.leaving.get(who.userId)?.()
    const isQuiet = notices.clock() < notices.quietUntil
    const leave = notices.after(awayMs, () => {
      notices.leaving.delete(who.userId)
      notices.silentUntil.delete(who.userId)
      if (!isQuiet) say(notices, 'offline', who)
    })
    notices.leaving.set(who.userId, leave)
  },
  idle: (notices, who) => say(notices, 'idle', who),
}

const words: Record<PresenceChange, string> = { online: 'came online', offline: 'went offline', idle: 'went idle' }

function say(notices: Notices, change: PresenceChange, { userId, userName }: Who): void {
  if (notices.clock() < notices.quietUntil) return
  const isAdded = notices.isShown() && notices.shown.change === change
  const people = isAdded ? notices.shown.people : new Map<string, string>()
  people.set(userId, userName)
  notices.shown = { change, people }
  const title = listNames([...people.values()])
  notices.popUps.show({ id: presencePopUpId, kind: 'presence', title, text: words[change], user: { userId, userName } })
}
