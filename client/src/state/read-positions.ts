import { myChat } from './apply-entry.ts'
import { countUnread, isUnread } from './chat-state.ts'
import type { Core } from './core.ts'
import type { ChatState } from './types.ts'

export interface ReadPositions {
  mark: (chatId: string, pos: number) => void
  /** What was read without a connection is told now. */
  onSynced: () => void
  stop: () => void
}

const tellAfterMs = 300

interface Positions {
  core: Core
  /** Not told yet, or not acked, by chat. */
  untold: Map<string, number>
  cancelTimer: (() => void) | undefined
}

/** Moves my read positions forward: here at once, on the server a moment later, several moves as one. */
export function createReadPositions(core: Core): ReadPositions {
  const positions: Positions = { core, untold: new Map(), cancelTimer: undefined }
  return {
    mark: (chatId, pos) => mark(positions, chatId, pos),
    onSynced: () => tell(positions),
    stop: () => positions.cancelTimer?.(),
  }
}

function mark(positions: Positions, chatId: string, wanted: number): void {
  const { core, untold } = positions
  const chat = myChat(core.state, chatId)
  if (!chat || !core.page.isWatched()) return
  if (chat.history === 'off') chat.unread = 0
  const pos = Math.min(wanted, chat.rev)
  if (chat.history === 'off' || pos <= chat.readPos) return
  moveHere(chat, pos, core.state.me.userId)
  untold.set(chatId, pos)
  positions.cancelTimer ??= core.after(tellAfterMs, () => {
    positions.cancelTimer = undefined
    tell(positions)
  })
}

/** The server's own count comes with `readMoved`, and is the one that stays. */
function moveHere(chat: ChatState, pos: number, me: string): void {
  const read = chat.log.entries.filter((entry) => entry.pos <= pos && isUnread(entry, chat.readPos, me)).length
  const newest = chat.last?.pos ?? 0
  chat.readPos = pos
  chat.unread = pos >= newest ? 0 : (countUnread(chat, me) ?? Math.max(0, chat.unread - read))
}

function tell(positions: Positions): void {
  for (const [chatId, pos] of positions.untold) void tellOne(positions, chatId, pos)
}

async function tellOne({ core, untold }: Positions, chatId: string, pos: number): Promise<void> {
  const sent = await core.connection?.sendEvent('markRead', { chatId, pos })
  if (sent && sent.outcome !== 'lost' && untold.get(chatId) === pos) untold.delete(chatId)
}
