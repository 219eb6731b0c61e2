import { ChatId, FailureCode, limits, MessageId, Timestamp } from '@chatr/protocol'
import * as z from 'zod/mini'
import type { PendingMessage } from './types.ts'
import type { UserStorage } from './user-storage.ts'

const StoredMessage = z.object({
  chatId: ChatId,
  id: MessageId,
  text: z.string().check(z.maxLength(limits.messageTextMaxLength)),
  at: Timestamp,
  failure: z.optional(FailureCode),
})
export type StoredMessage = z.infer<typeof StoredMessage>

/** Beyond this many waiting messages the later ones are only in memory. */
const storedMax = 100
const name = 'outbox'

/** Every change reads the list first: several tabs of one user share it. */
export function readStored(storage: UserStorage): StoredMessage[] {
  const text = storage.read(name)
  if (text === undefined) return []
  const list = z.array(z.unknown()).safeParse(parseJson(text))
  if (!list.success) return []
  return list.data.flatMap((item) => {
    const message = StoredMessage.safeParse(item)
    return message.success ? [message.data] : []
  })
}

export function store(storage: UserStorage, chatId: string, { id, text, at, failure }: PendingMessage): void {
  const message: StoredMessage = { chatId, id, text, at, ...(failure && { failure }) }
  const stored = readStored(storage)
  const known = stored.some((other) => other.id === id)
  if (!known && stored.length >= storedMax) return
  writeStored(storage, known ? stored.map((other) => (other.id === id ? message : other)) : [...stored, message])
}

export function unstore(storage: UserStorage, ids: readonly string[]): void {
  const stored = readStored(storage)
  const left = stored.filter((message) => !ids.includes(message.id))
  if (left.length < stored.length) writeStored(storage, left)
}

const writeStored = (storage: UserStorage, messages: StoredMessage[]) =>
  storage.write(name, messages.length === 0 ? undefined : JSON.stringify(messages))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
