import type { Member, Message, OnlineUser } from '@chatr/protocol'
import type { AppState, ChatLog, ChatState } from '../src/state/types.ts'

const today = new Date()
/** A time of today, or of `daysAgo` days before. */
export function at(clock: string, daysAgo = 0): string {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() - daysAgo, hours, minutes).toISOString()
}

const user = (names: [userId: string, userName: string], userProvider: string, idle = false): OnlineUser => ({
  userId: names[0],
  userName: names[1],
  userProvider,
  idle,
})

/** The ids are chosen for their colours. */
export const ana = user(['ana-4', 'Ana Silva'], 'github')
export const ben = user(['ben-1', 'Ben Green'], 'github')
export const mia = user(['mia-22', 'Mia Kovač'], 'aad')
export const omar = user(['omar-3', 'Omar Farouk'], 'twitter', true)
export const tess = user(['tess-2', 'Tess Guest'], 'guest')

let lastPos = 0
export function entry(from: Member, text: string, time: string): Message {
  lastPos += 1
  const { userId, userName } = from
  return { id: `m${lastPos}`, pos: lastPos, rev: lastPos, kind: 'message', from: { userId, userName }, text, at: time }
}

export const notice = (kind: Message['kind'], from: Member, time: string): Message => ({
  ...entry(from, '', time),
  kind,
})

export const log = (entries: Message[], more: Partial<ChatLog> = {}): ChatLog => ({
  entries,
  status: 'loaded',
  hasOlder: false,
  hasNewer: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
  ...more,
})

export function chat(
  [id, name]: [string, string],
  members: Member[],
  more: Omit<Partial<ChatState>, 'members'> = {},
): ChatState {
  const entries = more.log?.entries ?? []
  return {
    id,
    name,
    kind: 'group',
    history: 'kept',
    owner: members[0]?.userId ?? '',
    members: Object.fromEntries(members.map(({ userId, userName }) => [userId, { userId, userName }])),
    createdAt: at('9:00', 190),
    rev: entries.at(-1)?.rev ?? 0,
    readPos: 0,
    unread: 0,
    newLineAfter: undefined,
    last: entries.findLast(({ kind }) => kind === 'message'),
    log: log(entries),
    pending: [],
    relayed: [],
    typing: new Map(),
    draft: '',
    ...more,
  }
}

export function goatEntries(): Message[] {
  return [
    notice('joined', ben, at('14:19')),
    entry(ben, 'Just came here to say I’m not a fan of goats', at('14:20')),
    entry(ben, 'There, I said it.', at('14:20')),
    entry(ana, 'Not sure goat chat is the best place for you really…', at('14:24')),
    entry(
      mia,
      'Let him stay, he brings cheese. The list is in https://wiki.goats.example/cheese (with the prices).',
      at('14:27'),
    ),
    entry(ben, 'Maybe yeah :(', at('14:31')),
    entry(ben, 'I probably should start a Llama chat instead', at('14:32')),
  ]
}

export function goatChats(): ChatState[] {
  const entries = goatEntries()
  const goats = chat(['goat', 'Goat Chat 🐐'], [ana, ben, mia, tess], {
    log: log(entries),
    newLineAfter: entries.at(-3)?.pos ?? 1,
    pending: [{ id: 'p1', text: 'How do I buy a goat? I have many dollars', at: at('14:33'), status: 'sending' }],
    typing: new Map([[mia.userId, { userName: mia.userName, until: Number.MAX_SAFE_INTEGER }]]),
  })
  const last = (from: Member, text: string, time: string) => ({ last: entry(from, text, time) })
  return [
    goats,
    chat(['lemon', 'Lemon Curd Production 🍋'], [mia, ana, ben], {
      ...last(mia, 'batch 12 is in the jars', at('14:12')),
      unread: 4,
    }),
    chat(['cheese', 'Best Cheeses 🧀'], [omar, ana], {
      ...last(omar, 'Comté. Next question.', at('13:48')),
      unread: 12,
    }),
    chat(['release', 'Release 2.0 🚢'], [ana, ben], last(ana, 'tagged and pushed', at('17:00', 2))),
    chat(['garden', 'Garden'], [tess, ben, mia]),
    chat(['mia', ''], [ana, mia], { kind: 'private', ...last(mia, 'see you at ten then', at('13:05')) }),
    chat(['omar', ''], [ana, omar], { kind: 'private', history: 'off', createdAt: at('12:00') }),
  ]
}

export function app(chats: ChatState[], more: Partial<AppState> = {}): AppState {
  const online = [ana, ben, mia, omar, tess]
  return {
    me: { ...ana, idle: false },
    connection: 'online',
    isLoaded: true,
    chats: new Map(chats.map((chat) => [chat.id, chat])),
    online: new Map(online.map((user) => [user.userId, user])),
    openChatId: chats[0]?.id,
    popUps: [],
    ...more,
  }
}
