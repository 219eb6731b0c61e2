import { limits } from '@chatr/protocol'
import type { Message, ServerEvent } from '@chatr/protocol'
import { backoffMs } from '../connection/backoff.ts'
import { applyEntries } from './apply-entry.ts'
import { applyEvent } from './apply-event.ts'
import { recountUnread, resetLog } from './chat-state.ts'
import { answerOf, circumstances, wait } from './core.ts'
import type { Core } from './core.ts'

/** Beyond this many missed changes the log begins anew at its newest page. */
export const missedMax = 500

/** Finds what a log lacks, by asking what changed `since`. */
export interface CatchUp {
  /**
   * Resolves with true once the chat's log is whole from `from` (the chat's rev unless given) on, false when that is
   * left to the next connection. What goes wrong is tried again while the connection stands.
   */
  fill: (chatId: string, from?: number) => Promise<boolean>
  /** Keeps an event that came after a gap until the gap is filled, and fills it. */
  hold: (chatId: string, event: ServerEvent) => void
  /** Where the log of this chat stopped being whole, if it did. */
  wholeUpTo: (chatId: string) => number | undefined
  forgetHeld: () => void
}

interface Hole {
  from: number
  held: ServerEvent[]
  asking: Promise<boolean> | undefined
  isAskedAgain: boolean
}

type Holes = Map<string, Hole>

export function createCatchUp(core: Core): CatchUp {
  const holes: Holes = new Map()
  return {
    fill: (chatId, from) => fill(core, holes, { chatId, from }),
    hold: (chatId, event) => {
      const filling = fill(core, holes, { chatId })
      holes.get(chatId)?.held.push(event)
      void filling
    },
    wholeUpTo: (chatId) => holes.get(chatId)?.from,
    forgetHeld: () => {
      for (const hole of holes.values()) hole.held = []
    },
  }
}

interface Wanted {
  chatId: string
  from?: number | undefined
}

function fill(core: Core, holes: Holes, { chatId, from }: Wanted): Promise<boolean> {
  const chat = core.state.chats.get(chatId)
  if (!chat) return Promise.resolve(false)
  const hole = holes.get(chatId) ?? { from: chat.rev, held: [], asking: undefined, isAskedAgain: false }
  holes.set(chatId, hole)
  hole.from = Math.min(hole.from, from ?? chat.rev)
  // What lacks now is asked for with the next connection.
  if (!core.connection) return hole.asking ?? Promise.resolve(false)
  if (hole.asking) hole.isAskedAgain = true
  else hole.asking = fillHole(core, holes, { chatId, hole })
  return hole.asking
}

interface ChatHole {
  chatId: string
  hole: Hole
}

async function fillHole(core: Core, holes: Holes, target: ChatHole): Promise<boolean> {
  const { chatId, hole } = target
  const { connection } = core
  for (let attempt = 1; core.state.chats.has(chatId); attempt++) {
    hole.isAskedAgain = false
    const missed = await collect(core, chatId, hole.from)
    if (missed && !hole.isAskedAgain) {
      holes.delete(chatId)
      close(core, target, missed)
      return true
    }
    if (!missed) await wait(core, backoffMs(attempt, core.random()))
    if (!core.connection || connection !== core.connection) break
  }
  hole.asking = undefined
  if (!core.state.chats.has(chatId)) holes.delete(chatId)
  else if (core.connection && core.connection !== connection) return fill(core, holes, { chatId })
  return false
}

interface Missed {
  messages: Message[]
  rev: number
  isHuge: boolean
}

async function collect(core: Core, chatId: string, from: number): Promise<Missed | undefined> {
  const messages: Message[] = []
  for (let since = from; ; since = messages.at(-1)?.rev ?? since) {
    const page = await answerOf(core, core.api.messages(chatId, { since, limit: limits.pageMax }))
    if (!page) return undefined
    messages.push(...page.messages)
    const isHuge = messages.length > missedMax
    if (isHuge || !page.more || page.messages.length === 0) return { messages, rev: page.rev, isHuge }
  }
}

/** At one go, so that no event of the socket comes in between. */
function close(core: Core, { chatId, hole }: ChatHole, { messages, rev, isHuge }: Missed): void {
  const chat = core.state.chats.get(chatId)
  if (!chat) return
  // Entries say nothing about the members of a chat that keeps no log; and of a long gap only the end is loaded.
  if (isHuge) {
    resetLog(chat)
    chat.rev = Math.max(chat.rev, rev)
    core.react([{ kind: 'stale' }, { kind: 'entered', chatId }])
  } else if (chat.history === 'off') {
    if (rev > chat.rev) core.react([{ kind: 'stale' }])
    chat.rev = Math.max(chat.rev, rev)
  } else {
    core.react(applyEntries({ state: core.state, chat, at: circumstances(core) }, messages, rev))
    recountUnread(chat, core.state.me.userId)
  }
  // Where the answer was older than an event (a replica that lags), that one is a gap again, and asked for again.
  for (const event of hole.held) core.react(applyEvent(core.state, event, circumstances(core)))
}
