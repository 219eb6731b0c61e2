import type { Message } from '@chatr/protocol'

type NoticeKind = Exclude<Message['kind'], 'message'>

const verbs: Record<NoticeKind, string> = { created: 'created this chat', joined: 'joined', left: 'left' }
const kinds: NoticeKind[] = ['created', 'joined', 'left']

const firstName = (name: string) => name.split(' ')[0] ?? name

/** "Ben Green", "Ben and Mia", "Ben, Mia and 3 others". */
function listNames(names: string[]): string {
  const [first = '', second = ''] = names
  if (names.length === 1) return first
  if (names.length === 2) return `${firstName(first)} and ${firstName(second)}`
  if (names.length === 3) return `${firstName(first)}, ${firstName(second)} and ${firstName(names[2] ?? '')}`
  return `${firstName(first)}, ${firstName(second)} and ${names.length - 2} others`
}

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
