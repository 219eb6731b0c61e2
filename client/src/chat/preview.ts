import { firstName } from '../state/names.ts'
import type { ChatState } from '../state/types.ts'

export interface Preview {
  text: string
  at: string | undefined
  isDraft: boolean
}

/** The newest thing said here, on either lane. */
function lastSaid({ last, relayed }: ChatState) {
  const spoken = relayed.at(-1)
  return spoken && (!last || spoken.at > last.at) ? spoken : last
}

/** The second line of a chat in the list: my draft, else the last line with its speaker. */
export function previewOf(chat: ChatState, me: string): Preview {
  const said = lastSaid(chat)
  if (chat.draft.trim() !== '') return { text: chat.draft.trim(), at: said?.at, isDraft: true }
  if (!said) {
    const text = chat.history === 'off' ? 'Off the record' : 'No messages yet'
    return { text, at: undefined, isDraft: false }
  }
  const speaker =
    said.from.userId === me ? 'You: ' : chat.kind === 'private' ? '' : `${firstName(said.from.userName)}: `
  // A line of the list is short: cutting here keeps a message of 10,000 characters out of the page's layout.
  return { text: `${speaker}${said.text.slice(0, 160)}`, at: said.at, isDraft: false }
}
