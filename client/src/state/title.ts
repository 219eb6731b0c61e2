import { limits } from '@chatr/protocol'
import type { AppState } from './types.ts'

/** `(3) Chatr`: three unread in private chats. `• Chatr`: something unread elsewhere. */
export function titleOf({ chats }: Pick<AppState, 'chats'>): string {
  let fromPeople = 0
  let elsewhere = 0
  for (const { kind, unread } of chats.values()) {
    if (kind === 'private') fromPeople += unread
    else elsewhere += unread
  }
  if (fromPeople > 0) return `(${fromPeople < limits.unreadMax ? fromPeople : `${limits.unreadMax - 1}+`}) Chatr`
  return elsewhere > 0 ? '• Chatr' : 'Chatr'
}
