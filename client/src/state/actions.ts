import type { Core } from './core.ts'
import type { Drafts } from './drafts.ts'
import type { History } from './history.ts'
import type { Outbox } from './outbox.ts'
import type { PopUps } from './pop-ups.ts'
import { openChat } from './open-chat.ts'
import type { ReadPositions } from './read-positions.ts'
import type { Requests } from './requests.ts'
import type { Actions } from './types.ts'
import type { Typing } from './typing.ts'

export interface ActionParts {
  history: History
  outbox: Outbox
  requests: Requests
  popUps: PopUps
  typing: Typing
  drafts: Drafts
  readPositions: ReadPositions
  signOut: () => void
}

/** What the user can do, each handed to the part that does it. */
export function createActions(core: Core, parts: ActionParts): Actions {
  const { history, outbox, requests, popUps, typing, drafts, readPositions } = parts
  return {
    openChat: (chatId) => openChat(core, parts, chatId),
    createChat: requests.createChat,
    createPrivateChat: requests.createPrivateChat,
    joinChat: requests.joinChat,
    leaveChat: requests.leaveChat,
    removeChat: requests.removeChat,
    send: (chatId, text) => {
      outbox.send(chatId, text)
      drafts.set(chatId, '')
      typing.said(chatId)
    },
    sendAgain: outbox.sendAgain,
    discard: outbox.discard,
    setDraft: drafts.set,
    signalTyping: typing.signal,
    loadOlder: history.older,
    loadNewer: history.newer,
    jumpTo: history.around,
    jumpToNewest: history.newest,
    markRead: readPositions.mark,
    dismissPopUp: popUps.dismiss,
    holdPopUp: popUps.hold,
    askForNotifications: () => core.notifier.ask(),
    signOut: parts.signOut,
  }
}
