import type { AppState, ChatState } from '../src/state/types.ts'
import { ana, app, at, ben, chat, entry, goatChats, goatEntries, log, mia, notice, omar, tess } from './fixtures.ts'

const invitation = {
  id: 'pop1',
  kind: 'private',
  title: 'Omar Farouk',
  text: 'wants to chat, off the record',
  user: { userId: omar.userId, userName: omar.userName },
  chatId: 'omar',
} as const

/** The Goat Chat of the pictures with its first chat changed. */
function goat(change: Partial<ChatState>, more: Partial<AppState> = {}): AppState {
  const [first, ...others] = goatChats()
  return app(first ? [{ ...first, ...change }, ...others] : others, more)
}

const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    userId: `u${index}`,
    userName: `Person ${['Ada', 'Bo', 'Cy', 'Di', 'Eli'][index % 5]} ${index}`,
    userProvider: ['github', 'aad', 'twitter', 'guest'][index % 4] ?? 'guest',
    idle: index % 7 === 0,
  }))

const sentences = [
  'Yes.',
  'The goats are out again, somebody left the gate open and now they stand in the vegetables.',
  'See https://example.org/goats?page=2 for the plan',
  'First line\nsecond line\n\nand a fourth one after an empty line',
  '🐐',
  'I will be there at ten. If I am late begin without me, I know the first part by heart anyway and nobody needs a third opinion on the fence.',
]

function wall(count: number): AppState {
  const people = [ben, ana, mia, tess]
  const start = Date.now() - count * 90_000
  const entries = Array.from({ length: count }, (_, index) =>
    entry(
      people[Math.floor(index / 3) % people.length] ?? ben,
      `${index + 1}: ${sentences[index % sentences.length]}`,
      new Date(start + index * 90_000).toISOString(),
    ),
  )
  return app([chat(['wall', 'The wall'], people, { log: log(entries) }), ...goatChats()])
}

function unreadFarAbove(): AppState {
  const state = wall(400)
  const first = state.chats.get('wall')
  if (first) Object.assign(first, { unread: 180, newLineAfter: first.log.entries[220]?.pos })
  return state
}

function words(): AppState {
  const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(6)
  const name = 'Pneumonoultramicroscopicsilicovolcanoconiosis of the Extremely Long and Winding Name'
  const longNamed = { ...ben, userName: name }
  const entries = [
    entry(longNamed, long, at('9:10', 1)),
    entry(mia, 'مرحبا بالعالم، هل رأيت goats.example اليوم؟', at('9:12', 1)),
    entry(mia, 'שלום! https://example.org/שלום', at('9:12', 1)),
    entry(ana, 'كل شيء على ما يرام', at('9:14', 1)),
    entry(tess, '😀🐐🇨🇭', at('9:15')),
    entry(ana, '👩‍👩‍👧‍👦', at('9:15')),
    entry(tess, '<img src=x onerror=alert(1)> & <b>not bold</b> javascript:alert(1)', at('9:16')),
    notice('joined', ben, at('9:17')),
    notice('joined', mia, at('9:17')),
    notice('joined', tess, at('9:17')),
    notice('joined', omar, at('9:17')),
    notice('joined', ana, at('9:17')),
    notice('left', omar, at('9:18')),
    entry(ana, 'line one\nline two\n    indented\n\nlast', at('9:19')),
  ]
  return app([
    chat(['words', name], [longNamed, ana, mia, tess], {
      log: log(entries),
      relayed: [{ id: 'r1', from: omar, text: 'Sent past the backend', at: at('9:20'), afterPos: 1e9 }],
      draft: 'A draft that waits',
    }),
    ...goatChats(),
  ])
}

const offRecord = (): AppState => {
  const relayed = [
    { id: 'r1', from: omar, text: 'Nobody writes this down?', at: at('14:01'), afterPos: 0 },
    { id: 'r2', from: ana, text: 'Nobody.', at: at('14:02'), afterPos: 0 },
  ]
  const chats = goatChats()
  Object.assign(chats.find(({ id }) => id === 'omar') ?? {}, { relayed })
  return app(chats, { openChatId: 'omar' })
}

/** Every state that must exist, by the name in `?state=`. */
export const states: Record<string, () => AppState> = {
  goat: () => goat({}, { popUps: [invitation] }),
  quiet: () => goat({ pending: [], typing: new Map(), draft: 'How do I buy a goat? I have many dollars' }),
  list: () => goat({}, { openChatId: undefined }),
  first: () => app([], { online: new Map([[ana.userId, ana]]) }),
  empty: () => app([chat(['new', 'Llama Chat 🦙'], [ana]), ...goatChats()]),
  loading: () => app([], { isLoaded: false, connection: 'connecting' }),
  loadingLog: () => goat({ log: log([], { status: 'loading' }), pending: [] }),
  failedLog: () => goat({ log: log([], { status: 'failed' }), pending: [] }),
  offline: () =>
    goat(
      { pending: [{ id: 'p1', text: 'I am on a train', at: at('14:33'), status: 'waiting' }] },
      { connection: 'offline' },
    ),
  failed: () =>
    goat({
      pending: [{ id: 'p1', text: 'Is the server there?', at: at('14:33'), status: 'failed', failure: 'Unavailable' }],
    }),
  tooLong: () => goat({ draft: 'goat '.repeat(2_010) }),
  lines: () => goat({ draft: Array.from({ length: 12 }, (_, index) => `Line ${index + 1}`).join('\n') }),
  join: () => app(goatChats(), { openChatId: 'garden' }),
  gone: () => app(goatChats(), { openChatId: 'nowhere' }),
  signedOut: () => goat({}, { connection: 'signed-out' }),
  off: offRecord,
  words,
  wall: () => wall(50_000),
  unread: unreadFarAbove,
  crowd: () => {
    const people = crowd(500)
    const first = chat(['crowd', 'Everyone'], [ana, ben, mia, ...people], { log: log(goatEntries()), unread: 1_000 })
    const many = Array.from({ length: 2_000 }, (_, index) =>
      chat([`c${index}`, `Chat ${index}`], index % 2 ? [ana, ben] : [ben], { unread: index % 3 }),
    )
    return app([first, ...goatChats(), ...many], { online: new Map([ana, ...people].map((one) => [one.userId, one])) })
  },
}
