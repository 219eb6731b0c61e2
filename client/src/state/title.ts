import { limits } from '@chatr/protocol'
import type { AppState } from './types.ts'

/** How many are unread, for a small place: "12", "999+". */
export const sayUnread = (count: number) => (count < limits.unreadMax ? String(count) : `${limits.unreadMax - 1}+`)

/** `(3) Chatr`: three unread in private chats. `• Chatr`: something unread elsewhere. */
export function windowTitle({ chats }: Pick<AppState, 'chats'>): string {
  let fromPeople = 0
  let elsewhere = 0
  for (const { kind, unread } of chats.values()) {
    if (kind === 'private') fromPeople += unread
    else elsewhere += unread
  }
  if (fromPeople > 0) return `(${sayUnread(fromPeople)}) Chatr`
  return elsewhere > 0 ? '• Chatr' : 'Chatr'
}
