import type { CatchUp } from './catch-up.ts'
import type { Core } from './core.ts'
import type { Effect } from './effects.ts'
import type { History } from './history.ts'
import type { Outbox } from './outbox.ts'
import type { PopUps } from './pop-ups.ts'
import type { PresenceNotices } from './presence-notices.ts'
import type { Requests } from './requests.ts'
import type { PopUp } from './types.ts'
import type { Typing } from './typing.ts'

export interface Parts {
  catchUp: CatchUp
  history: History
  outbox: Outbox
  requests: Requests
  popUps: PopUps
  presence: PresenceNotices
  typing: Typing
  refresh: () => void
  openChat: (chatId: string) => void
}

type Reaction<Kind extends Effect['kind']> = (context: Context, effect: Extract<Effect, { kind: Kind }>) => void

interface Context {
  core: Core
  parts: Parts
}

/** Carries out the effects of an event, in their order. */
export function createReact(core: Core, parts: Parts): (effects: readonly Effect[]) => void {
  const context = { core, parts }
  return (effects) => {
    for (const effect of effects) {
      // Each kind is paired with its own effect by the table's type; the union loses that.
      const reaction = reactions[effect.kind] as (context: Context, effect: Effect) => void
      reaction(context, effect)
    }
    parts.requests.onChanged()
  }
}

const reactions: { [Kind in Effect['kind']]: Reaction<Kind> } = {
  gap: ({ parts }, { chatId, event }) => parts.catchUp.hold(chatId, event),
  behind: ({ parts }, { chatId, from }) => void parts.catchUp.fill(chatId, from),
  stale: ({ parts }) => parts.refresh(),
  entered: ({ core, parts }, { chatId }) => {
    if (core.state.openChatId === chatId) void parts.history.ensure(chatId)
  },
  confirmed: ({ parts }, { messageId }) => parts.outbox.onConfirmed(messageId),
  said: onSaid,
  privateBegun: onPrivateBegun,
  removed: ({ parts }, { chatId, name }) => {
    parts.popUps.dismiss(privatePopUpId(chatId))
    if (parts.requests.isRemoving(chatId)) return
    parts.popUps.show({ id: `removed/${chatId}`, kind: 'removed', title: 'Chat removed', text: `${name} was removed` })
  },
  presence: ({ parts }, { change, userId, userName }) => parts.presence.note(change, { userId, userName }),
  failed: ({ parts }, { failure }) => {
    if (!parts.outbox.onFailed(failure)) parts.requests.onFailed(failure)
  },
  typing: ({ parts }) => parts.typing.expire(),
}

export const privatePopUpId = (chatId: string) => `private/${chatId}`

/** In a group nobody is called; in a private chat that is not being looked at I am. */
function onSaid({ core, parts }: Context, { chatId, userId, userName, text }: Extract<Effect, { kind: 'said' }>): void {
  const { state, page } = core
  const isSeen = state.openChatId === chatId && page.isWatched()
  if (state.chats.get(chatId)?.kind !== 'private' || isSeen) return
  call({ core, parts }, { chatId, title: userName, text, user: { userId, userName } })
}

function onPrivateBegun(context: Context, effect: Extract<Effect, { kind: 'privateBegun' }>): void {
  const { chatId, userId, userName, history } = effect
  const text = history === 'off' ? 'wants to chat, off the record' : 'wants to chat'
  call(context, { chatId, title: userName, text, user: { userId, userName } })
}

type Call = Required<Pick<PopUp, 'chatId' | 'title' | 'text' | 'user'>>

/** Nothing opens and nothing takes the focus before the user clicks. */
function call({ core, parts }: Context, { chatId, title, text, user }: Call): void {
  const id = privatePopUpId(chatId)
  parts.popUps.show({ id, kind: 'private', title, text: shorten(text), user, chatId })
  if (!core.page.isHidden()) return
  const onClick = () => {
    core.page.focus()
    parts.openChat(chatId)
  }
  core.notifier.show({ title, text: shorten(text), tag: id, onClick })
}

const textMax = 140
const shorten = (text: string) => (text.length > textMax ? `${text.slice(0, textMax - 1).trimEnd()}…` : text)
