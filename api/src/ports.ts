import type { Chat, ChatListing, History, Member, Message, OnlineUser, User } from '@chatr/protocol'

/**
 * What the chat needs to reach clients. The shape is that of the official `WebPubSubServiceClient`
 * (`@azure/web-pubsub` 1.2.0), the few methods that are used: on Azure that client is passed in as it is.
 * A method rejects with an error whose `statusCode` is 404 where the REST API answers so (no such user, connection).
 */
export interface PubSubService {
  getClientAccessToken(options: { userId: string; expirationTimeInMinutes?: number }): Promise<ClientAccess>
  sendToAll(message: object): Promise<void>
  sendToUser(userId: string, message: object): Promise<void>
  sendToConnection(connectionId: string, message: object): Promise<void>
  connectionExists(connectionId: string): Promise<boolean>
  closeUserConnections(userId: string, options?: { reason?: string }): Promise<void>
  group(name: string): PubSubGroup
  /** An empty filter means every connection of the hub. */
  removeConnectionsFromGroups(groups: string[], filter: string): Promise<void>
  grantPermission(connectionId: string, permission: 'sendToGroup', options: { targetName: string }): Promise<void>
  revokePermission(connectionId: string, permission: 'sendToGroup', options: { targetName: string }): Promise<void>
}

export interface PubSubGroup {
  sendToAll(message: object): Promise<void>
  addUser(userId: string): Promise<void>
  removeUser(userId: string): Promise<void>
  addConnection(connectionId: string): Promise<void>
}

export interface ClientAccess {
  token: string
  baseUrl: string
  url: string
}

/**
 * What the chat remembers. Verbs are the chat's own and atomic: whatever runs beside them, each happens wholly or not
 * at all, and a chat's `rev` counts 1, 2, 3 … without gap or twin. Absent is `undefined`; a store that cannot answer
 * throws. A resolved promise is durable. Every implementation passes `stores/contract.ts`.
 */
export interface ChatStore {
  /** Remembers who `user` is; a later name replaces an earlier one, also in the chats he is a member of. */
  saveUser(user: User): Promise<void>
  findUser(userId: string): Promise<User | undefined>

  /**
   * `cameOnline`: it is the user's first connection; `cameBack`: the others were all idle. Adding a connection twice
   * changes nothing. The user must have been saved.
   */
  addConnection(connectionId: string, userId: string): Promise<{ cameOnline: boolean; cameBack: boolean }>
  /** `wentOffline`: it was the user's last one; `wentIdle`: those that are left are all idle, and were not before. */
  removeConnection(connectionId: string): Promise<PresenceChange>
  /** A user is idle when all his connections are. */
  setIdle(connectionId: string, idle: boolean): Promise<PresenceChange>
  connectionsOf(userId: string): Promise<string[]>
  onlineUsers(): Promise<OnlineUser[]>
  /** Forgets every connection: whoever carried them is gone. */
  clearConnections(): Promise<void>

  /** The creator is the first member, rev is 1; a chat that keeps history begins its log with an entry `created`. */
  createChat(chat: NewChat): Promise<{ outcome: 'created' | 'exists'; chat: Chat }>
  findChat(chatId: string): Promise<Chat | undefined>
  /** All group chats, and the private ones of `userId`. */
  listChats(userId: string): Promise<ChatListing[]>
  /** One chat of that list. */
  findListing(chatId: string, userId: string): Promise<ChatListing | undefined>
  chatIdsOf(userId: string): Promise<string[]>
  /**
   * `owner`'s chat and all it held are gone for everyone who looks. A long log may leave the disk bit by bit
   * afterwards, also in a later life of the store. `missing`: no such chat of his.
   */
  deleteChat(
    chatId: string,
    owner: string,
  ): Promise<{ outcome: 'deleted'; memberIds: string[] } | { outcome: 'missing' }>
  /** He begins with everything read. A chat that keeps history gets an entry `joined` or `left`. */
  addMember(chatId: string, member: Member, entry: NewEntry): Promise<MemberOutcome<'added' | 'already'>>
  removeMember(chatId: string, userId: string, entry: NewEntry): Promise<MemberOutcome<'removed' | 'not-member'>>

  /** Appends a member's message. The same id again is `repeated`, with the stored message; nothing is stored twice. */
  appendMessage(chatId: string, entry: NewEntry & { from: string; text: string }): Promise<AppendOutcome>
  /** `undefined` where there is no such chat. Order and `more` as in `MessagesResponse`. */
  readMessages(chatId: string, range: MessageRange): Promise<MessagePage | undefined>
  /** Moves a member's read position forward, never back and not beyond the chat's rev. */
  moveRead(chatId: string, userId: string, pos: number): Promise<ReadOutcome>

  close(): Promise<void>
}

export interface PresenceChange {
  userId: string | undefined
  wentOffline: boolean
  wentIdle: boolean
  cameBack: boolean
}

export interface NewChat {
  id: string
  name: string
  kind: Chat['kind']
  history: History
  owner: Member
  /** The other one of a private chat. */
  guest?: Member
  /** The id of the entry `created`. */
  entryId: string
  at: string
}

export interface NewEntry {
  id: string
  at: string
}

/** `rev` is the chat's new one; `message` the entry in its log, where it keeps one. */
export type MemberOutcome<Outcome extends string> =
  | { outcome: Outcome; rev: number; chat: Chat; message: Message | undefined }
  | { outcome: 'missing' }

export type AppendOutcome =
  /** `rev` is the message's. */
  | { outcome: 'appended' | 'repeated'; rev: number; message: Message }
  /** `conflict`: the id is that of another one's entry. `off-record`: the chat keeps no history. */
  | { outcome: 'missing' | 'not-member' | 'conflict' | 'off-record' }

export type MessageRange = { limit: number } & (
  | { from: 'newest' }
  | { from: 'before' | 'after' | 'around'; pos: number }
  | { from: 'since'; rev: number }
)

export interface MessagePage {
  messages: Message[]
  rev: number
  more: boolean
}

export type ReadOutcome =
  | { outcome: 'moved' | 'unmoved'; pos: number; unread: number }
  | { outcome: 'missing' | 'not-member' }
