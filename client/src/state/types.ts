import type { Chat, FailureCode, History, Member, Message, OnlineUser, User } from '@chatr/protocol'

/** Everything the screen shows. One reactive object; only `state/` and `connection/` change it. */
export interface AppState {
  me: User & { idle: boolean }
  /**
   * `connecting` until the first connection stands; `offline` when it dropped (it comes back by itself);
   * `signed-out` when the session ended, here or on another device.
   */
  connection: 'connecting' | 'online' | 'offline' | 'signed-out'
  /** The lists of chats and people are there (they stay while offline). */
  isLoaded: boolean
  chats: Map<string, ChatState>
  /** Who is online, by user id; includes me. */
  online: Map<string, OnlineUser>
  openChatId: string | undefined
  popUps: PopUp[]
}

export interface ChatState extends Omit<Chat, 'rev'> {
  /** The chat's newest rev that this client holds without a gap. */
  rev: number
  /** How far I have read, on any of my devices; 0 when I have read nothing or am not a member. */
  readPos: number
  /** Messages of others beyond `readPos`, counted up to `limits.unreadMax`. */
  unread: number
  /** Where the "New" line stands while the chat is open: above the first message beyond this pos. */
  newLineAfter: number | undefined
  last: Message | undefined
  log: ChatLog
  /** Mine that are not confirmed yet, in the order they were written. Shown after the log. */
  pending: PendingMessage[]
  /** Lines of the relay lane, in the order they came. In a chat that keeps history they are marked as not stored. */
  relayed: RelayedMessage[]
  /** Who is typing, and until when that is believed (ms since epoch). */
  typing: Map<string, { userName: string; until: number }>
  draft: string
}

/** An unbroken run of a chat's log. */
export interface ChatLog {
  /** By ascending `pos`. */
  entries: Message[]
  status: 'empty' | 'loading' | 'loaded' | 'failed'
  hasOlder: boolean
  /** False when the run reaches the newest entry: then new ones are appended as they come. */
  hasNewer: boolean
  isLoadingOlder: boolean
  isLoadingNewer: boolean
}

export interface PendingMessage {
  id: string
  text: string
  /** ISO 8601, when it was written. */
  at: string
  /** `waiting` for a connection, `sending`, or `failed` (it can be sent again or discarded). */
  status: 'waiting' | 'sending' | 'failed'
  failure?: FailureCode
}

export interface RelayedMessage {
  id: string
  from: Member
  text: string
  at: string
  /** The chat's rev when it came: where it stands between the stored ones. */
  afterPos: number
}

/** A small card at the top right, gone after six seconds unless hovered or focused. It never takes the focus. */
export interface PopUp {
  id: string
  /** `private`: somebody began a private chat with me or wrote in one. */
  kind: 'private' | 'presence' | 'removed' | 'refused' | 'notice'
  title: string
  text: string
  /** Whose picture it shows. */
  user?: { userId: string; userName: string }
  /** What a click opens. */
  chatId?: string
}

/** The answer to something the user asked for. `message` can be shown to him. */
export type Outcome<T = void> = { ok: true; value: T } | { ok: false; code: FailureCode | 'Offline'; message: string }

/** Everything the user can do. None of these throws; what is refused says so in its outcome or on the screen. */
export interface Actions {
  openChat(chatId: string | undefined): void
  createChat(chat: { name: string; history: History }): Promise<Outcome<string>>
  /** Resolves with the chat's id, whether it is new or was there. */
  createPrivateChat(userId: string, history: History): Promise<Outcome<string>>
  joinChat(chatId: string): Promise<Outcome>
  leaveChat(chatId: string): Promise<Outcome>
  removeChat(chatId: string): Promise<Outcome>
  /** Takes the text for sending at once, or as soon as the connection is back. */
  send(chatId: string, text: string): void
  sendAgain(chatId: string, messageId: string): void
  discard(chatId: string, messageId: string): void
  setDraft(chatId: string, text: string): void
  /** Call on every key; signals go out at most every three seconds. */
  signalTyping(chatId: string): void
  loadOlder(chatId: string): Promise<void>
  loadNewer(chatId: string): Promise<void>
  /** Shows the log around this pos. */
  jumpTo(chatId: string, pos: number): Promise<void>
  jumpToNewest(chatId: string): Promise<void>
  /** I have seen everything up to `pos` of this chat. */
  markRead(chatId: string, pos: number): void
  dismissPopUp(id: string): void
  /** While held (hovered or focused) a pop-up stays; let go of, its six seconds begin anew. */
  holdPopUp(id: string, held: boolean): void
  /** Asks the browser for permission to show notifications. */
  askForNotifications(): Promise<NotificationPermission | 'unsupported'>
  signOut(): void
}
