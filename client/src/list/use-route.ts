import { onBeforeUnmount, watch } from 'vue'
import { useChatr } from '../state/use-chatr.ts'
import { chatIdOf, chatPath } from './route.ts'

/** Keeps the address and the open chat the same: links, reload and the back button all lead where they say. */
export function useRoute(): void {
  const { state, actions } = useChatr()

  const follow = () => actions.openChat(chatIdOf(location.pathname))
  if (chatIdOf(location.pathname) !== state.openChatId) follow()
  window.addEventListener('popstate', follow)
  onBeforeUnmount(() => window.removeEventListener('popstate', follow))

  watch(
    () => state.openChatId,
    (chatId) => {
      if (chatId === chatIdOf(location.pathname)) return
      // Who came from the list goes back to it, so that the browser's own button does not lead into the chat again.
      if (!chatId && isAboveList(history.state)) history.back()
      else history.pushState({ isAboveList: location.pathname === '/' }, '', chatId ? chatPath(chatId) : '/')
    },
  )
}

const isAboveList = (entry: unknown) =>
  typeof entry === 'object' && entry !== null && 'isAboveList' in entry && entry.isAboveList === true
