import { ChatName } from '@chatr/protocol'
import type { ClientEventName, Failure, FailureCode, History } from '@chatr/protocol'
import { isMember } from './chat-state.ts'
import { wait } from './core.ts'
import type { Core } from './core.ts'
import type { Outcome } from './types.ts'
import { uuidv4 } from './uuid.ts'

/** What the user asks of the backend and wants to know the outcome of. Without a connection nothing is queued. */
export interface Requests {
  createChat: (chat: { name: string; history: History }) => Promise<Outcome<string>>
  createPrivateChat: (userId: string, history: History) => Promise<Outcome<string>>
  joinChat: (chatId: string) => Promise<Outcome>
  leaveChat: (chatId: string) => Promise<Outcome>
  removeChat: (chatId: string) => Promise<Outcome>
  onFailed: (failure: Failure) => void
  /** The state has changed. */
  onChanged: () => void
  /** I am removing this chat: that it goes is no news to me. */
  isRemoving: (chatId: string) => boolean
}

/** The service may ack before it hands on what the backend told everybody; so long the state is waited for. */
const toldWithinMs = 3_000

interface Desk {
  core: Core
  refusals: Map<string, Failure | undefined>
  /** Conditions that somebody waits for. */
  watchers: Set<() => void>
  removing: Set<string>
  refresh: () => void
}

export function createRequests(core: Core, refresh: () => void): Requests {
  const desk: Desk = { core, refusals: new Map(), watchers: new Set(), removing: new Set(), refresh }
  return {
    createChat: (chat) => createChat(desk, chat),
    createPrivateChat: (userId, history) => createPrivateChat(desk, userId, history),
    joinChat: (chatId) => enter(desk, chatId),
    leaveChat: (chatId) => leave(desk, chatId),
    removeChat: (chatId) => remove(desk, chatId),
    onFailed: (failure) => {
      if (failure.ref !== undefined && desk.refusals.has(failure.ref)) desk.refusals.set(failure.ref, failure)
    },
    onChanged: () => {
      for (const check of desk.watchers) check()
    },
    isRemoving: (chatId) => desk.removing.has(chatId),
  }
}

async function createChat(desk: Desk, { name, history }: { name: string; history: History }): Promise<Outcome<string>> {
  const parsed = ChatName.safeParse(name)
  if (!parsed.success) return refused('BadRequest', 'A chat needs a name of 1 to 100 characters.')
  const id = uuidv4(desk.core.fillRandom)
  const outcome = await ask(desk, 'createChat', { id, name: parsed.data, history })
  if (!outcome.ok) return outcome
  await untilTold(desk, () => desk.core.state.chats.has(id))
  return { ok: true, value: id }
}

async function createPrivateChat(desk: Desk, userId: string, history: History): Promise<Outcome<string>> {
  const find = () => findPrivateChat(desk.core, userId, history)
  const known = find()
  if (known !== undefined) return { ok: true, value: known }
  const outcome = await ask(desk, 'createPrivateChat', { targetUserId: userId, history })
  if (!outcome.ok) return outcome
  await untilTold(desk, () => find() !== undefined)
  const id = find()
  return id === undefined ? refused('Unavailable', messages.Unavailable) : { ok: true, value: id }
}

/** Two people have at most one private chat that is kept, and one off the record. */
function findPrivateChat({ state }: Core, userId: string, history: History): string | undefined {
  for (const chat of state.chats.values()) {
    const isOurs = isMember(chat, userId) && isMember(chat, state.me.userId) && userId !== state.me.userId
    if (chat.kind === 'private' && chat.history === history && isOurs) return chat.id
  }
  return undefined
}

async function enter(desk: Desk, chatId: string): Promise<Outcome> {
  const { state } = desk.core
  const outcome = await ask(desk, 'joinChat', { chatId })
  if (outcome.ok) await untilTold(desk, () => isIn(state.chats.get(chatId), state.me.userId))
  return outcome
}

async function leave(desk: Desk, chatId: string): Promise<Outcome> {
  const { state } = desk.core
  const outcome = await ask(desk, 'leaveChat', { chatId })
  if (outcome.ok) await untilTold(desk, () => !isIn(state.chats.get(chatId), state.me.userId))
  return outcome
}

async function remove(desk: Desk, chatId: string): Promise<Outcome> {
  desk.removing.add(chatId)
  const outcome = await ask(desk, 'deleteChat', { chatId })
  if (outcome.ok) await untilTold(desk, () => !desk.core.state.chats.has(chatId))
  desk.removing.delete(chatId)
  return outcome
}

const isIn = (chat: Parameters<typeof isMember>[0] | undefined, userId: string) =>
  chat !== undefined && isMember(chat, userId)

/** A refusal comes as `failed` before the ack; an ack without one means done. */
async function ask({ core, refusals }: Desk, event: ClientEventName, data: object): Promise<Outcome> {
  if (!core.connection) return refused('Offline', messages.Offline)
  const ref = uuidv4(core.fillRandom)
  refusals.set(ref, undefined)
  const sent = await core.connection.sendEvent(event, { ...data, ref })
  const failure = refusals.get(ref)
  refusals.delete(ref)
  if (failure) return refused(failure.code, messages[failure.code])
  if (sent.outcome === 'lost') return refused('Offline', messages.Interrupted)
  return sent.outcome === 'acked' ? { ok: true, value: undefined } : refused('Unavailable', messages.Unavailable)
}

const refused = (code: FailureCode | 'Offline', message: string) => ({ ok: false, code, message }) as const

const messages: Record<FailureCode | 'Offline' | 'Interrupted', string> = {
  BadRequest: 'The server did not understand that. Please check what you entered.',
  Forbidden: 'You are not allowed to do that.',
  NotFound: 'That is not there any more.',
  Duplicate: 'That exists already.',
  TooLarge: 'That is too long.',
  Unavailable: 'That did not work just now. Please try again.',
  Offline: 'You are offline. Please try again when the connection is back.',
  Interrupted: 'The connection was lost on the way. Please look whether it worked, and try again if not.',
}

/** Waits for what the server tells everybody; when it does not come, the list is loaded again. */
async function untilTold(desk: Desk, isTold: () => boolean): Promise<void> {
  if (await within(desk, isTold)) return
  desk.refresh()
  await within(desk, isTold)
}

async function within({ core, watchers }: Desk, isTold: () => boolean): Promise<boolean> {
  if (isTold()) return true
  let check = () => {}
  const told = new Promise<boolean>((resolve) => {
    check = () => isTold() && resolve(true)
    watchers.add(check)
  })
  const isInTime = await Promise.race([told, wait(core, toldWithinMs).then(() => false)])
  watchers.delete(check)
  return isInTime
}
