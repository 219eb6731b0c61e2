import { limits } from '@chatr/protocol'
import { isMember } from './chat-state.ts'
import type { Core } from './core.ts'

export interface Typing {
  signal: (chatId: string) => void
  /** I have said it: the next key is the beginning of something else. */
  said: (chatId: string) => void
  /** Somebody's signal came: forget it when its time is over. */
  expire: () => void
  stop: () => void
}

const signalEveryMs = 3_000

/** "Is typing", both ways. Signals are lost when there is no connection; nobody misses them. */
export function createTyping(core: Core): Typing {
  const signalled = new Map<string, number>()
  let cancelTimer = () => {}
  const expire = () => {
    cancelTimer()
    const next = forgetOld(core)
    cancelTimer = next === undefined ? () => {} : core.after(next - core.clock(), expire)
  }
  return {
    signal(chatId) {
      const now = core.clock()
      if (!isWanted(core, chatId) || now - (signalled.get(chatId) ?? -Infinity) < signalEveryMs) return
      signalled.set(chatId, now)
      core.connection?.whisper(chatId, { typing: true })
    },
    said: (chatId) => void signalled.delete(chatId),
    expire,
    stop: () => cancelTimer(),
  }
}

function isWanted({ state, connection }: Core, chatId: string): boolean {
  const chat = state.chats.get(chatId)
  if (!connection || !chat || !isMember(chat, state.me.userId)) return false
  const others = Object.keys(chat.members).length - 1
  return others > 0 && others < limits.typingMaxMembers
}

/** When the next one ends, if any is left. */
function forgetOld({ state, clock }: Core): number | undefined {
  let next: number | undefined
  for (const chat of state.chats.values()) {
    for (const [userId, { until }] of chat.typing) {
      if (until <= clock()) chat.typing.delete(userId)
      else next = Math.min(next ?? Infinity, until)
    }
  }
  return next
}
