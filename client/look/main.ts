// A page for developers: the real components with made-up state, chosen by `?state=…&theme=…&details=1`.
import '../src/theme/index.ts'
import { createApp, reactive } from 'vue'
import App from '../src/App.vue'
import type { Actions } from '../src/state/types.ts'
import { chatrKey } from '../src/state/use-chatr.ts'
import { states } from './states.ts'

const query = new URLSearchParams(location.search)
const theme = query.get('theme')
if (theme) document.documentElement.dataset['theme'] = theme

const state = reactive(
  (
    states[query.get('state') ?? 'goat'] ??
    (() => {
      throw new Error('no such state')
    })
  )(),
)
// The address belongs to the gallery here; the app would read a chat from it.
history.replaceState(null, '', state.openChatId ? `/chat/${state.openChatId}` : '/')

const refused = { ok: false, code: 'Forbidden', message: 'This is a gallery: nothing happens here.' } as const
const actions: Actions = {
  openChat: (chatId) => (state.openChatId = chatId),
  createChat: async () => refused,
  createPrivateChat: async () => refused,
  joinChat: async () => refused,
  leaveChat: async () => refused,
  removeChat: async () => refused,
  send(chatId, text) {
    const chat = state.chats.get(chatId)
    const pos = (chat?.log.entries.at(-1)?.pos ?? 0) + 1
    const { userId, userName } = state.me
    const at = new Date().toISOString()
    chat?.log.entries.push({ id: `sent${pos}`, pos, rev: pos, kind: 'message', from: { userId, userName }, text, at })
  },
  sendAgain: () => {},
  discard: () => {},
  setDraft(chatId, text) {
    const chat = state.chats.get(chatId)
    if (chat) chat.draft = text
  },
  signalTyping: () => {},
  loadOlder: async () => {},
  loadNewer: async () => {},
  jumpTo: async () => {},
  jumpToNewest: async () => {},
  markRead(chatId, pos) {
    const chat = state.chats.get(chatId)
    if (chat) chat.readPos = pos
  },
  dismissPopUp: (id) => (state.popUps = state.popUps.filter((popUp) => popUp.id !== id)),
  holdPopUp: () => {},
  askForNotifications: async () => 'default',
  signOut: () => {},
}

createApp(App, { isDetailsOpen: query.has('details') })
  .provide(chatrKey, { state, actions })
  .mount('#app')
