import { parseServerEvent } from '@chatr/protocol'
import type { ChatsResponse, UsersResponse } from '@chatr/protocol'
import { backoffMs } from '../connection/backoff.ts'
import type { Connection, IncomingFrame } from '../connection/connection.ts'
import { applyEvent } from './apply-event.ts'
import { applyRelay } from './apply-relay.ts'
import { answerOf, circumstances, wait } from './core.ts'
import type { Core } from './core.ts'
import { mergeChats, mergeUsers } from './merge-lists.ts'

export interface SyncHandlers {
  /** The log of a chat is whole up to here, when it lacks something. */
  wholeUpTo: (chatId: string) => number | undefined
  onUsers: (before: ReadonlyMap<string, unknown>) => void
  /** Connected, and all lists are up to date. */
  onSynced: () => void
}

/** Brings the state up to date with each connection, and keeps it so. */
export interface Sync {
  onOpen: (connection: Connection) => void
  onFrame: (frame: IncomingFrame) => void
  onLost: () => void
  /** Loads the list of chats again. */
  refresh: () => void
}

interface Syncing {
  core: Core
  handlers: SyncHandlers
  connection: Connection | undefined
  /** Frames that came while lists are loaded; they are applied after them. */
  held: IncomingFrame[] | undefined
  isRefreshedAgain: boolean
}

export function createSync(core: Core, handlers: SyncHandlers): Sync {
  const sync: Syncing = { core, handlers, connection: undefined, held: undefined, isRefreshedAgain: false }
  return {
    onOpen: (connection) => {
      sync.connection = connection
      sync.isRefreshedAgain = false
      void load(sync, connection)
    },
    onFrame: (frame) => (sync.held ? void sync.held.push(frame) : apply(core, frame)),
    onLost: () => {
      sync.connection = undefined
      sync.held = undefined
    },
    refresh: () => {
      if (sync.held) sync.isRefreshedAgain = true
      else if (sync.connection) void refresh(sync, sync.connection)
    },
  }
}

async function load(sync: Syncing, connection: Connection): Promise<void> {
  const { core, handlers } = sync
  sync.held = []
  const lists = await untilAnswered(sync, connection, () =>
    Promise.all([answerOf(core, core.api.users()), answerOf(core, core.api.chats())]),
  )
  if (!lists) return
  const [users, chats] = lists as [UsersResponse, ChatsResponse] // complete, or there would be no answer
  const before = core.state.online
  mergeUsers(core.state, users.users)
  handlers.onUsers(before)
  core.connection = connection
  core.state.isLoaded = true
  takeOver(sync, chats)
  handlers.onSynced()
}

async function refresh(sync: Syncing, connection: Connection): Promise<void> {
  const { core } = sync
  sync.held = []
  const lists = await untilAnswered(sync, connection, async () => [await answerOf(core, core.api.chats())])
  if (lists?.[0]) takeOver(sync, lists[0])
}

/** `undefined` when the connection went before everything was answered. */
async function untilAnswered<T extends readonly unknown[]>(
  sync: Syncing,
  connection: Connection,
  ask: () => Promise<T>,
) {
  const { core } = sync
  for (let attempt = 1; ; attempt++) {
    const answers = await ask()
    if (sync.connection !== connection) return undefined
    if (!answers.includes(undefined)) return answers
    await wait(core, backoffMs(attempt, core.random()))
    if (sync.connection !== connection) return undefined
  }
}

function takeOver(sync: Syncing, { chats }: ChatsResponse): void {
  const { core, handlers } = sync
  const effects = mergeChats(core.state, chats, handlers.wholeUpTo)
  const held = sync.held ?? []
  sync.held = undefined
  core.react(effects)
  for (const frame of held) apply(core, frame)
  if (!sync.isRefreshedAgain || !sync.connection) return
  sync.isRefreshedAgain = false
  void refresh(sync, sync.connection)
}

/**
 * A frame of a group with a sender comes from a client, whatever it says it is. Everything else only the backend can
 * send (an anonymous client, which would have no id either, is not let in).
 */
function apply(core: Core, { group, fromUserId, data }: IncomingFrame): void {
  const { state } = core
  if (group !== undefined && fromUserId !== undefined && fromUserId !== null) {
    core.react(applyRelay(state, { chatId: group, fromUserId, data }, circumstances(core)))
    return
  }
  const event = parseServerEvent(data)
  if (event) core.react(applyEvent(state, event, circumstances(core)))
}
