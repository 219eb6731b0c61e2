import { byActivity } from '../chat/chat-view.ts'
import { isMember } from '../state/chat-state.ts'
import type { AppState, ChatState } from '../state/types.ts'

export interface Sections {
  joined: ChatState[]
  others: ChatState[]
  privates: ChatState[]
}

const byName = (a: ChatState, b: ChatState) => a.name.localeCompare(b.name)

/** Sorts the chats into the sections of the list: mine by their newest line, those to discover by name. */
export function sectionsOf({ chats, me }: Pick<AppState, 'chats' | 'me'>): Sections {
  const sections: Sections = { joined: [], others: [], privates: [] }
  for (const chat of chats.values()) {
    if (chat.kind === 'private') sections.privates.push(chat)
    else if (isMember(chat, me.userId)) sections.joined.push(chat)
    else sections.others.push(chat)
  }
  sections.joined.sort(byActivity)
  sections.privates.sort(byActivity)
  sections.others.sort(byName)
  return sections
}
