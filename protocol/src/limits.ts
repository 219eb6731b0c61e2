/** Every bound that the browser and the backend agree on. `docs/limits.md` is checked against this table. */
export const limits = {
  /** A chat's name, in UTF-16 units after trimming. */
  chatNameMaxLength: 100,
  /** A person's name, in UTF-16 units after trimming. */
  userNameMaxLength: 64,
  /** The text of one message, in UTF-16 units. */
  messageTextMaxLength: 10_000,
  /** Messages in one page of history: when nothing is asked for, and at the most. */
  pageDefault: 50,
  pageMax: 200,
  /** Unread messages are counted up to here; this number means "this many or more". */
  unreadMax: 1_000,
  /** Beyond this many members a chat shows no "is typing". */
  typingMaxMembers: 100,
} as const
