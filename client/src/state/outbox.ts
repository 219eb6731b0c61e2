import { MessageText } from '@chatr/protocol'
import type { Failure, FailureCode } from '@chatr/protocol'
import type { Connection, Sent } from '../connection/connection.ts'
import { myChat } from './apply-entry.ts'
import { addRelayed } from './apply-relay.ts'
import type { CatchUp } from './catch-up.ts'
import type { Core } from './core.ts'
import { readStored, store, unstore } from './outbox-storage.ts'
import type { StoredMessage } from './outbox-storage.ts'
import type { ChatState, PendingMessage } from './types.ts'
import { uuidv7 } from './uuid.ts'

/** My messages on their way. Those of chats that keep history survive a reload; off the record only memory has them. */
export interface Outbox {
  send: (chatId: string, text: string) => void
  sendAgain: (chatId: string, messageId: string) => void
  discard: (chatId: string, messageId: string) => void
  /** The chats are known and the connection stands: what waits goes out, with the ids it had before. */
  onSynced: () => void
  onLost: () => void
  /** A message of mine is in the log. */
  onConfirmed: (messageId: string) => void
  /** True when the refusal was about a message of the outbox. */
  onFailed: (failure: Failure) => boolean
}

/** So long after its ack a message is looked for that the server has not told. */
const missingAfterMs = 1_500

interface Box {
  core: Core
  catchUp: CatchUp
  /** Acked by the server, and not yet seen in the log. */
  acked: Set<string>
  /** From the storage; they wait for their chats to be known. */
  restored: StoredMessage[]
}

export function createOutbox(core: Core, catchUp: CatchUp): Outbox {
  const box: Box = { core, catchUp, acked: new Set(), restored: readStored(core.storage) }
  return {
    send: (chatId, text) => send(box, chatId, text),
    sendAgain: (chatId, messageId) => sendAgain(box, chatId, messageId),
    discard: (chatId, messageId) => settle(box, chatId, messageId),
    onSynced: () => {
      restore(box)
      for (const chat of core.state.chats.values()) flush(box, chat)
    },
    onLost: () => {
      for (const chat of core.state.chats.values()) {
        for (const message of chat.pending) if (isUnanswered(box, message)) message.status = 'waiting'
      }
    },
    onConfirmed: (messageId) => {
      box.acked.delete(messageId)
      unstore(core.storage, [messageId])
    },
    onFailed: ({ event, ref, code }) => event === 'sendMessage' && ref !== undefined && fail(box, ref, code),
  }
}

function send(box: Box, chatId: string, text: string): void {
  const { core } = box
  const chat = core.state.chats.get(chatId)
  const parsed = MessageText.safeParse(text)
  if (!chat || !parsed.success) return
  const now = core.clock()
  const id = uuidv7(now, core.fillRandom)
  const message: PendingMessage = { id, text: parsed.data, at: new Date(now).toISOString(), status: 'waiting' }
  chat.pending.push(message)
  if (chat.history === 'kept') store(core.storage, chatId, message)
  flush(box, chat)
}

function sendAgain(box: Box, chatId: string, messageId: string): void {
  const chat = box.core.state.chats.get(chatId)
  const message = chat?.pending.find(({ id }) => id === messageId)
  if (!chat || message?.status !== 'failed') return
  message.status = 'waiting'
  delete message.failure
  if (chat.history === 'kept') store(box.core.storage, chatId, message)
  flush(box, chat)
}

/** Frames leave in this order, and the service hands them on one after the other: a chat's messages keep their order. */
function flush(box: Box, chat: ChatState): void {
  const { connection } = box.core
  if (!connection) return
  for (const { id, status } of chat.pending) if (status === 'waiting') void transmit(box, { chat, id, connection })
}

interface Transmission {
  chat: ChatState
  id: string
  connection: Connection
}

async function transmit(box: Box, { chat, id, connection }: Transmission): Promise<void> {
  const message = chat.pending.find((pending) => pending.id === id)
  if (!message) return
  message.status = 'sending'
  const { text } = message
  const { userId, userName } = box.core.state.me
  const sent = await (chat.history === 'kept'
    ? connection.sendEvent('sendMessage', { chatId: chat.id, id, text })
    : connection.sendToGroup(chat.id, { message: text, id, fromUserId: userId, fromUserName: userName }))
  settlers[sent.outcome](box, { chatId: chat.id, id, sent })
}

interface Answered {
  chatId: string
  id: string
  sent: Sent
}

const settlers: Record<Sent['outcome'], (box: Box, answered: Answered) => void> = {
  acked: onAcked,
  refused: (box, { id, sent }) => void fail(box, id, sent.outcome === 'refused' ? codeOf(sent.name) : 'Unavailable'),
  // The loss of the connection has told the outbox itself; the message goes out with the next one.
  lost: () => undefined,
}

/** The service knows two "no"s of its own; everything else is an outage of the backend, and worth another attempt. */
const codeOf = (name: string): FailureCode => (name === 'Forbidden' ? 'Forbidden' : 'Unavailable')

function onAcked(box: Box, { chatId, id }: Answered): void {
  const { core } = box
  const chat = core.state.chats.get(chatId)
  const message = chat?.pending.find((pending) => pending.id === id)
  if (!chat || !message || message.status === 'failed') return
  if (chat.history === 'off') {
    settle(box, chatId, id)
    const { userId, userName } = core.state.me
    addRelayed(chat, { id, from: { userId, userName }, text: message.text, at: new Date(core.clock()).toISOString() })
    return
  }
  box.acked.add(id)
  unstore(core.storage, [id])
  core.after(missingAfterMs, () => void lookFor(box, chatId, id))
}

/** Its event was lost, or is older than this page: the log knows. It is stored, so it need not be sent again. */
async function lookFor(box: Box, chatId: string, id: string): Promise<void> {
  if (!box.acked.has(id)) return
  if (!box.core.state.chats.has(chatId)) return settle(box, chatId, id)
  if (await box.catchUp.fill(chatId)) settle(box, chatId, id)
  else box.core.after(missingAfterMs, () => void lookFor(box, chatId, id))
}

function settle({ core, acked }: Box, chatId: string, messageId: string): void {
  const chat = core.state.chats.get(chatId)
  if (chat) chat.pending = chat.pending.filter(({ id }) => id !== messageId)
  acked.delete(messageId)
  unstore(core.storage, [messageId])
}

function fail({ core, acked }: Box, messageId: string, code: FailureCode): boolean {
  for (const chat of core.state.chats.values()) {
    const message = chat.pending.find(({ id }) => id === messageId)
    if (!message) continue
    acked.delete(messageId)
    message.status = 'failed'
    message.failure = code
    if (chat.history === 'kept') store(core.storage, chat.id, message)
    return true
  }
  return false
}

const isUnanswered = ({ acked }: Box, { id, status }: PendingMessage) => status === 'sending' && !acked.has(id)

/** Messages of before a reload come first; those to chats that are gone, or that I have left, are given up. */
function restore(box: Box): void {
  const { state, storage } = box.core
  const lost = box.restored.filter(({ chatId }) => !myChat(state, chatId))
  unstore(
    storage,
    lost.map(({ id }) => id),
  )
  for (const chat of state.chats.values()) {
    const mine = box.restored.filter((message) => message.chatId === chat.id && !lost.includes(message)).map(toPending)
    if (mine.length > 0) chat.pending = [...mine, ...chat.pending]
  }
  box.restored = []
}

const toPending = ({ id, text, at, failure }: StoredMessage): PendingMessage => ({
  id,
  text,
  at,
  status: failure ? 'failed' : 'waiting',
  ...(failure && { failure }),
})
