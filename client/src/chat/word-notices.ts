import type { Message } from '@chatr/protocol'
import { listNames } from '../state/names.ts'

type NoticeKind = Exclude<Message['kind'], 'message'>

const verbs: Record<NoticeKind, string> = { created: 'created this chat', joined: 'joined', left: 'left' }
const kinds: NoticeKind[] = ['created', 'joined', 'left']

function wordKind(notices: readonly Message[], kind: NoticeKind, me: string): string | undefined {
  const people = new Map(
    notices
      .filter((notice) => notice.kind === kind)
      .map(({ from }) => [from.userId, from.userId === me ? 'You' : from.userName]),
  )
  return people.size === 0 ? undefined : `${listNames([...people.values()])} ${verbs[kind]}`
}

/** Words neighbouring notices as one soft line: "Ben, Mia and 3 others joined · Omar left". */
export function wordNotices(notices: readonly Message[], me: string): string {
  return kinds
    .map((kind) => wordKind(notices, kind, me))
    .filter((part) => part !== undefined)
    .join(' · ')
}
