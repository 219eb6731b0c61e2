import { onBeforeUnmount, type Ref, watch } from 'vue'
import { useChatr } from '../state/use-chatr.ts'
import { chatIdOf, chatPath } from './route.ts'

/** What an entry of the browser's history knows besides its address. */
interface Entry {
  /** How many entries lie between this one and the list that it was come to from; 0 where that is not known. */
  aboveList: number
  /** The details lie over the conversation: a page of their own. */
  hasDetails: boolean
}

/**
 * Keeps the address and what is open the same: links, reload and the back button all lead where they say.
 * `detailsPage` is true while the details take the whole page, as on a phone; setting it shows or hides them.
 */
export function useRoute(detailsPage: Ref<boolean>, isNarrow: Readonly<Ref<boolean>>): void {
  const { state, actions } = useChatr()

  const follow = () => {
    actions.openChat(chatIdOf(location.pathname))
    if (isNarrow.value) detailsPage.value = entryHere().hasDetails
  }
  if (chatIdOf(location.pathname) !== state.openChatId) follow()
  window.addEventListener('popstate', follow)
  onBeforeUnmount(() => window.removeEventListener('popstate', follow))

  watch([() => state.openChatId, detailsPage], ([chatId, hasDetails]) => {
    const { aboveList, hasDetails: hadDetails } = entryHere()
    if (chatId !== chatIdOf(location.pathname)) {
      detailsPage.value = false
      // Who came from the list goes back to it, so that the browser's own button does not lead into the chat again.
      if (!chatId && aboveList > 0) history.go(-aboveList)
      else push({ aboveList: location.pathname === '/' ? 1 : 0, hasDetails: false }, chatId ? chatPath(chatId) : '/')
    } else if (hasDetails && !hadDetails) push({ aboveList: aboveList && aboveList + 1, hasDetails: true })
    else if (!hasDetails && hadDetails && isNarrow.value) history.back()
  })
}

const push = (entry: Entry, path?: string) => history.pushState(entry, '', path)

/** The entry that is shown now. It was written by us, or is none of ours, as for a link that was followed. */
function entryHere(): Entry {
  const entry: unknown = history.state
  const isOurs = typeof entry === 'object' && entry !== null && 'aboveList' in entry && 'hasDetails' in entry
  return isOurs ? (entry as Entry) : { aboveList: 0, hasDetails: false }
}
