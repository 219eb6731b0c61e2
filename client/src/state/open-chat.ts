import { isMember } from './chat-state.ts'
import type { Core } from './core.ts'
import type { History } from './history.ts'
import type { PopUps } from './pop-ups.ts'
import { privatePopUpId } from './react.ts'

interface Openers {
  history: History
  popUps: PopUps
}

/** Shows a chat in place of the one that was open. One that is not known yet is shown as soon as it is. */
export function openChat(core: Core, parts: Openers, chatId: string | undefined): void {
  const { state } = core
  if (state.openChatId === chatId) return
  const before = state.chats.get(state.openChatId ?? '')
  state.openChatId = chatId
  if (before) {
    before.newLineAfter = undefined
    parts.history.release(before.id)
  }
  showOpenChat(core, parts)
}

/** Draws the "New" line and loads the log. */
export function showOpenChat(core: Core, { history, popUps }: Openers): void {
  const { state } = core
  const chat = state.chats.get(state.openChatId ?? '')
  if (!chat) return
  popUps.dismiss(privatePopUpId(chat.id))
  if (!isMember(chat, state.me.userId)) return
  if (chat.unread > 0 && chat.history === 'kept') chat.newLineAfter ??= chat.readPos
  forgetUnstoredUnread(core)
  void history.ensure(chat.id)
}

/** Off the record there are no read positions: what is on the screen is read. */
export function forgetUnstoredUnread({ state, page }: Core): void {
  const chat = state.chats.get(state.openChatId ?? '')
  if (chat?.history === 'off' && page.isWatched()) chat.unread = 0
}
