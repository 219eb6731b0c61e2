import { serverEvents } from '@chatr/protocol'
import type { Chat, FailureCode, Member, Message, OnlineUser, ServerEventData, ServerEventName } from '@chatr/protocol'
import type { ConnectionHandlers, IncomingFrame, Sent } from '../../connection/connection.ts'

export interface StoredChat {
  chat: Chat
  log: Message[]
  readPos: Map<string, number>
}

export interface Line {
  userId: string
  handlers: ConnectionHandlers
  isOpen: boolean
  /** A dead line looks open and carries nothing. */
  isDead: boolean
  unanswered: Set<() => void>
}

/** What the server in memory holds, and how it misbehaves. */
export interface World {
  chats: Map<string, StoredChat>
  online: Map<string, OnlineUser>
  lines: Set<Line>
  isUp: boolean
  isSignedIn: boolean
  /** What is sent is stored, and neither ack nor event arrives any more. */
  swallowsAnswers: boolean
  /** Events to clients are lost; acks arrive. */
  losesEvents: boolean
  refuses: FailureCode | undefined
  heard: { userId: string; event: string; data: unknown }[]
  asked: string[]
}

export const newWorld = (): World => ({
  chats: new Map(),
  online: new Map(),
  lines: new Set(),
  isUp: true,
  isSignedIn: true,
  swallowsAnswers: false,
  losesEvents: false,
  refuses: undefined,
  heard: [],
  asked: [],
})

export type NewChat = Partial<Chat> & { id: string; members: Record<string, Member> }

export function addChat({ chats }: World, chat: NewChat): StoredChat {
  const [owner = ''] = Object.keys(chat.members)
  const createdAt = '2026-11-22T08:00:00.000Z'
  const stored: StoredChat = {
    chat: { name: chat.id, kind: 'group', history: 'kept', owner, rev: 0, createdAt, ...chat },
    log: [],
    readPos: new Map(),
  }
  chats.set(chat.id, stored)
  return stored
}

export function append({ chat, log }: StoredChat, entry: Pick<Message, 'id' | 'kind' | 'from' | 'text'>): Message {
  chat.rev++
  const message = { ...entry, pos: chat.rev, rev: chat.rev, at: '2026-11-22T08:00:00.000Z' }
  log.push(message)
  return message
}

export const unreadOf = ({ log, readPos }: StoredChat, userId: string) =>
  log.filter(({ kind, pos, from }) => kind === 'message' && from.userId !== userId && pos > (readPos.get(userId) ?? 0))
    .length

/** Sends an event as the backend would. */
export function tell<Name extends ServerEventName>(
  world: World,
  to: readonly string[] | 'all',
  event: { chatEvent: Name; data: ServerEventData<Name> },
): void {
  const data = { ...event, data: serverEvents[event.chatEvent].parse(event.data) }
  for (const line of world.lines) if (to === 'all' || to.includes(line.userId)) deliver(world, line, { data })
}

export interface Relayed {
  group: string
  fromUserId: string
  data: unknown
  except?: Line
}

/** Hands on what one client sends to a group, as the service would. */
export function relay(world: World, { group, fromUserId, data, except }: Relayed): Sent {
  const members = Object.keys(world.chats.get(group)?.chat.members ?? {})
  if (except && !members.includes(fromUserId)) return { outcome: 'refused', name: 'Forbidden' }
  for (const line of world.lines) {
    if (line !== except && members.includes(line.userId)) deliver(world, line, { group, fromUserId, data })
  }
  return { outcome: 'acked' }
}

export function deliver(world: World, line: Line, frame: IncomingFrame): void {
  if (!line.isOpen || line.isDead || world.swallowsAnswers || world.losesEvents) return
  const copy = structuredClone(frame)
  queueMicrotask(() => {
    if (!line.isOpen) return
    line.handlers.onHeard()
    line.handlers.onFrame(copy)
  })
}
